/** The pupil's door: a code, a name, and in. */

import { element } from "../element.js";
import { recallInTab, rememberInTab } from "../memory.js";
import { call } from "./api.js";

const code = element("code", HTMLInputElement);
const name = element("name", HTMLInputElement);
const go = element("go", HTMLButtonElement);

element("join", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  go.disabled = true;
  const { problem, field } = await join();
  go.disabled = false;
  element("problem", HTMLElement).textContent = problem;
  for (const one of [code, name]) one.setAttribute("aria-invalid", String(one === field));
  element("where-code", SVGElement).toggleAttribute("hidden", field !== code);
  field?.focus();
});

/** @returns {Promise<{problem: string, field: HTMLInputElement | null}>} `field` is where the problem lies */
async function join() {
  if (!code.value.trim()) return { problem: "Write the code that the board shows.", field: code };
  if (!name.value.trim()) return { problem: "Write your name, or any name for the board.", field: name };
  const { reply, problem } = await call("POST", "/api/class/join", { code: code.value, name: name.value });
  if (problem) return { problem, field: reply?.error?.code === "bad_name" ? name : code };
  rememberInTab("class-name", name.value); // whoever opens the page next on this machine may be somebody else
  rememberInTab("tab", null); // what was spelled before stays outside the class
  location.assign("/");
  return { problem: "", field: null };
}

if (location.hash === "#left") {
  rememberInTab("tab", null); // the page that was left has kept its text for a reload: it was the class's, and is deleted
  rememberInTab("class-name", null);
  history.replaceState(null, "", location.pathname);
}
const before = recallInTab("class-name");
if (typeof before === "string" && !name.value) name.value = before;
if (!document.activeElement?.matches("input")) (code.value ? name : code).focus(); // who writes already goes on where they are
