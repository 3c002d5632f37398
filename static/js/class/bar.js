/**
 * The pupil's slim bar over the spelling page: which class, which name, and the way out.
 *
 * @typedef {object} PupilTask
 * @property {number} number
 * @property {string} target words with single spaces between them; empty where the name has nothing to spell
 * @property {number} done characters of it
 * @property {number} due_seconds for how long the next letter has been due
 * @property {number | null} seconds it took; null until it is done
 * @property {boolean} hints
 *
 * @typedef {{code: string, name: string, task: PupilTask | null} | {over: "ended" | "removed" | "left"}} ClassMessage
 */

import { element } from "../element.js";
import { announce } from "../notices.js";
import { call } from "./api.js";
import { showLetters, timeWords } from "./task.js";

/** With hints, the drawn hand appears to whoever takes so long over a letter. */
const HINT_SECONDS = 8;

const OVER = {
  ended: "Your teacher has ended the class. What you see here is yours until you close the page.",
  removed: "You are no longer in the class. Ask your teacher, and join again with the code.",
  left: "You have left the class.",
};

/** Keeps the bar true. @param {ClassMessage} message */
export function showClass(message) {
  if ("over" in message) {
    element("class-bar", HTMLElement).dataset["over"] = message.over;
    element("class-state", HTMLElement).textContent = "";
    element("class-shown", HTMLElement).textContent = OVER[message.over];
    element("class-leave", HTMLElement).hidden = true;
    showTask(null);
    return;
  }
  element("class-name", HTMLElement).textContent = message.name;
  showTask(message.task);
}

/** What was announced last, so that nothing is said twice. */
let said = "";
let hintTimer = 0;

/** @param {PupilTask | null} task */
function showTask(task) {
  clearTimeout(hintTimer);
  element("task", HTMLElement).hidden = !task;
  if (!task) return;
  const { target, done, seconds } = task;
  const finished = seconds !== null;
  element("task", HTMLElement).dataset["standing"] = finished ? "done" : "busy";
  showLetters(element("task-letters", HTMLElement), target, done);
  element("task-spoken", HTMLElement).textContent = target;
  const next = target[done] ?? "";
  const digit = /\d/.test(next) ? " Choose digits for it." : "";
  let words = `Next: ${next}.${digit}`;
  if (finished) words = `Well done! You took ${timeWords(seconds)}.`;
  if (!target) words = "Your name has no letters of the manual alphabet, so there is nothing to spell.";
  element("task-state", HTMLElement).textContent = words;
  const news = `${task.number} ${finished ? "done" : "begun"}`;
  if (said !== news) announce(finished ? words : `Your teacher asks you to spell ${target || "your name"}. ${words}`);
  said = news;
  element("task-hint", HTMLElement).hidden = true;
  if (task.hints && next) hintTimer = window.setTimeout(() => showHint(next), Math.max(0, HINT_SECONDS - task.due_seconds) * 1000);
}

/** @param {string} letter */
function showHint(letter) {
  const how = JSON.parse(element("hint-words", HTMLScriptElement).textContent ?? "{}");
  element("task-hand", SVGUseElement).setAttribute("href", `#hand-${letter}`);
  element("task-hint-letter", HTMLElement).textContent = letter;
  element("task-hint-how", HTMLElement).textContent = how[letter] ?? "";
  element("task-hint", HTMLElement).hidden = false;
  announce(`Hint for ${letter}: ${how[letter] ?? ""}`);
}

const dialog = document.getElementById("leave-dialog");
if (dialog instanceof HTMLDialogElement) {
  element("class-leave", HTMLButtonElement).addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "leave") return;
    const { problem } = await call("POST", "/api/class/leave");
    if (problem) {
      element("class-shown", HTMLElement).textContent = problem;
      return;
    }
    location.assign("/join#left");
  });
}
