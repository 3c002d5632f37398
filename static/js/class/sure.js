/** Asks before something is gone for good; the page has templates/sure_dialog.html. */

import { element } from "../element.js";

/** @param {string} title @param {string} text @param {string} action */
export async function sure(title, text, action) {
  element("sure-title", HTMLElement).textContent = title;
  element("sure-text", HTMLElement).textContent = text;
  element("sure-ok", HTMLElement).textContent = action;
  return (await answered(element("sure-dialog", HTMLDialogElement))) === "ok";
}

/** @param {HTMLDialogElement} dialog @param {() => void} [opened] @returns {Promise<string>} the value of the button that closed it */
export function answered(dialog, opened) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
    opened?.();
  });
}
