/**
 * The choice of colours in every page's header. theme.js puts what was chosen on the page before it is painted.
 */

import { recall, remember } from "./memory.js";

const THEMES = ["system", "light", "dark"];

const choice = document.getElementById("theme");

/** @returns {string} */
function chosen() {
  const stored = recall("theme");
  return THEMES.find((theme) => theme === stored) ?? "system";
}

/** @param {string} theme one of THEMES */
function choose(theme) {
  remember("theme", theme === "system" ? null : theme);
  show(theme);
}

/** @param {string} theme */
function show(theme) {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  for (const input of choice?.querySelectorAll("input") ?? []) input.checked = input.value === theme;
}

/** The next of the three, for a key. */
export function turnColours() {
  choose(THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length] ?? "system");
}

choice?.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement) choose(target.value);
});

show(chosen());
