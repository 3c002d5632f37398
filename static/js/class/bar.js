/**
 * The pupil's slim bar over the spelling page: which class, which name, and the way out.
 *
 * @typedef {{code: string, name: string} | {over: "ended" | "removed" | "left"}} ClassMessage
 */

import { element } from "../element.js";
import { call } from "./api.js";

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
    return;
  }
  element("class-name", HTMLElement).textContent = message.name;
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
