/**
 * The reference chart's choices: which signs are shown, of which hand, and from which side.
 */

import { element } from "./element.js";
import { mirrored, viewWords } from "./hands.js";
import { recall, remember } from "./memory.js";
import { ownHand, rememberHand } from "./ownhand.js";

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
  rememberHand(chosen("hand") === "left" ? "left" : "right");
  remember("chart", { view: chosen("view") });
  show();
});
element("print", HTMLButtonElement).addEventListener("click", () => print());

const stored = /** @type {Record<string, unknown> | null} */ (recall("chart"));
choose("hand", ownHand());
choose("view", stored?.["view"]);
if (location.hash === "#digits") choose("group", "digits");
show();
