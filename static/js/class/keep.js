/**
 * The teacher's switch: whether it is kept how the tasks of this lesson went, and under which class's name.
 *
 * @typedef {import("./feed.js").ClassSettings} ClassSettings
 */

import { element } from "../element.js";
import { call } from "./api.js";
import { sure } from "./sure.js";

const button = element("keep", HTMLButtonElement);
const name = element("keep-name", HTMLInputElement);
let keptAs = "";
let waiting = false;

/** @param {ClassSettings} settings */
export function showKeeping(settings) {
  if (settings.kept_as !== keptAs) name.value = settings.kept_as || name.value;
  keptAs = settings.kept_as;
  show();
}

/** What is to be kept waits for the database, or no more. @param {boolean} now */
export function showWaiting(now) {
  waiting = now;
  show();
}

function show() {
  button.setAttribute("aria-checked", String(keptAs !== ""));
  let words = "Off: nothing of this lesson outlives it.";
  if (keptAs) words = `Kept as ${keptAs}. Every pupil’s page says so.`;
  if (keptAs && waiting) words = `Kept as ${keptAs}. The database is away: what is new waits in memory, and is written when it is back.`;
  const state = element("keep-state", HTMLElement);
  if (state.textContent !== words) state.textContent = words;
  state.dataset["tone"] = keptAs && waiting ? "warn" : "calm";
}

/** @param {string} path */
export function startKeeping(path) {
  const where = `${path}/kept`;

  async function keep() {
    const problem = name.value.trim() ? (await call("PUT", where, { name: name.value })).problem : "Write the class’s name first, such as 7b.";
    tell(problem);
    if (problem) name.focus();
  }

  button.addEventListener("click", async () => {
    if (!keptAs) await keep();
    else if (await sure("Keep this lesson no longer?", `What was kept of it as ${keptAs} is deleted for good.`, "Delete")) {
      tell((await call("DELETE", where)).problem);
    }
  });
  element("keep-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!keptAs || name.value.trim() !== keptAs) keep();
  });
}

/** @param {string} problem empty where there is none */
function tell(problem) {
  element("keep-problem", HTMLElement).textContent = problem;
  name.setAttribute("aria-invalid", String(problem !== ""));
}
