/**
 * The reference chart's choices: which signs are shown, of which hand, and from which side.
 */

import { element } from "./element.js";
import { mirrored, viewWords } from "./hands.js";
import { recall, remember } from "./memory.js";

const main = element("main", HTMLElement);

function show() {
  const hand = chosen("hand") === "left" ? "left" : "right";
  const view = chosen("view") === "mirror" ? "mirror" : "facing";
  main.dataset["shown"] = chosen("group");
  element("view-said", HTMLElement).textContent = viewWords(hand, view);
  const flag = String(mirrored(hand, view));
  for (const drawing of main.querySelectorAll("svg.hand")) drawing.setAttribute("data-mirrored", flag);
}

/** @param {string} name */
function chosen(name) {
  return /** @type {HTMLInputElement | null} */ (document.querySelector(`input[name="${name}"]:checked`))?.value ?? "";
}

/** @param {string} name @param {unknown} value */
function choose(name, value) {
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector(`input[name="${name}"][value="${value}"]`));
  if (input) input.checked = true;
}

main.addEventListener("change", () => {
  remember("chart", { hand: chosen("hand"), view: chosen("view") });
  show();
});
element("print", HTMLButtonElement).addEventListener("click", () => print());

const stored = /** @type {Record<string, unknown> | null} */ (recall("chart"));
choose("hand", stored?.["hand"]);
choose("view", stored?.["view"]);
if (location.hash === "#digits") choose("group", "digits");
show();
