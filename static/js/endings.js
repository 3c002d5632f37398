/**
 * Which word is to be spoken when it ends. Pure: this file never sees page or voice.
 *
 * A word is spoken once. One that a deletion or an undo brings back, or that a proposal puts right after it was spoken, has been
 * spoken already; a word that was deleted and spelled differently has not.
 *
 * @typedef {"written" | "corrected" | "restored"} Cause `written`: letters, spaces and deletions; `corrected`: a word took another's
 *   place; `restored`: what is there was there before
 */

export class Endings {
  /** By their place in the text, the words that have been spoken or need not be. @type {string[]} */
  #spoken = [];

  /**
   * @param {string} text all of it, after the change
   * @param {Cause} cause
   * @returns {string | null} the word that has just ended
   */
  step(text, cause) {
    const words = text.match(/\S+/g) ?? [];
    this.#spoken.length = Math.min(this.#spoken.length, words.length);
    const last = words.length - 1;
    const word = words[last];
    if (word === undefined) return null;
    const before = this.#spoken[last];
    if (cause === "restored") words.slice(0, last).forEach((one, at) => (this.#spoken[at] = one));
    if (/\S$/.test(text)) {
      // A word begun, or begun anew: what it was spoken as is remembered as long as it may become that again.
      if (cause !== "written" && before !== undefined && !before.startsWith(word)) this.#spoken[last] = word;
      return null;
    }
    this.#spoken[last] = word;
    if (cause === "restored" || before === word) return null;
    return cause === "corrected" && before !== undefined ? null : word;
  }
}
