/**
 * The row of words under the text: what the last word may be, and how it may go on. Every place in it is fixed, so that nothing
 * moves under a finger or an eye.
 *
 * @typedef {import("./types.d.ts").Words} Words
 */

import { element } from "./element.js";

export const NO_WORDS = { proposals: [], completions: [] };

export class Proposals {
  #take;
  #row = element("proposals", HTMLElement);
  #places = [...this.#row.querySelectorAll("button[data-list]")].map((button) => /** @type {HTMLButtonElement} */ (button));

  /** @param {(word: string) => void} take */
  constructor(take) {
    this.#take = take;
    for (const [place, button] of this.#places.entries()) button.addEventListener("click", () => this.take(place));
  }

  /**
   * @param {Words} words
   * @param {string} read the last word as it was read
   */
  show(words, read) {
    for (const button of this.#places) {
      const { list, place } = button.dataset;
      const word = (list === "proposals" ? words.proposals : words.completions)[Number(place)] ?? "";
      const shown = /** @type {HTMLElement} */ (button.querySelector(".proposal-word"));
      if (shown.textContent === word) continue;
      if (word === "") this.#keepFocus(button);
      shown.textContent = word;
      button.title = word;
      button.disabled = word === "";
    }
    const empty = words.proposals.length + words.completions.length === 0;
    this.#row.dataset["empty"] = String(empty);
    this.#row.dataset["asRead"] = String(words.proposals[0] === read && read !== "");
  }

  /** Where the word goes, the focus would go with it. @param {HTMLButtonElement} button */
  #keepFocus(button) {
    if (document.activeElement === button) element("text", HTMLElement).focus({ preventScroll: true });
  }

  /** Takes the word that stands at a place. @param {number} place @returns {boolean} whether there is one */
  take(place) {
    const button = this.#places[place];
    const word = button?.querySelector(".proposal-word")?.textContent;
    if (!button || !word) return false;
    this.#keepFocus(button);
    this.show(NO_WORDS, ""); // until the server has answered, or it would be taken twice
    this.#take(word);
    return true;
  }
}
