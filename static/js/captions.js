/**
 * The text as captions under the camera's picture, where they hide neither hand nor face: the last two lines. Screen readers have
 * the text itself.
 */

import { element } from "./element.js";
import { recall, remember } from "./memory.js";

const LINES = 2;
/** Subtitles' own bound is 37–42; these are capitals, and larger. */
const LONGEST_LINE = 26;
/**
 * The last lines of a text. Lines are broken from its beginning, so that those that stand do not move while the last one grows.
 *
 * @param {string} text
 * @param {(line: string) => boolean} fits whether a line is short enough
 * @returns {string[]} at most two
 */
export function captionLines(text, fits = (line) => line.length <= LONGEST_LINE) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const joined = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (fits(joined)) lines[Math.max(0, lines.length - 1)] = joined;
    else lines.push(...pieces(word, fits));
  }
  return lines.slice(-LINES);
}

/** A word that is longer than a line, in pieces. @param {string} word @param {(line: string) => boolean} fits @returns {string[]} */
function pieces(word, fits) {
  /** @type {string[]} */
  const parts = [];
  for (const letter of word) {
    const joined = (parts.at(-1) ?? "") + letter;
    if (parts.length && fits(joined)) parts[parts.length - 1] = joined;
    else parts.push(letter);
  }
  return parts;
}

export class Captions {
  #lines = document.createElement("p");
  #button = element("captions", HTMLButtonElement);
  #on = recall("captions") === true;

  constructor() {
    this.#lines.className = "subtitles";
    this.#lines.id = "subtitles";
    this.#lines.setAttribute("aria-hidden", "true");
    element("stage", HTMLElement).after(this.#lines);
    this.#show();
  }

  get on() {
    return this.#on;
  }

  toggle() {
    this.#on = !this.#on;
    remember("captions", this.#on || null);
    this.#show();
  }

  /** @param {string} text all of it */
  write(text) {
    this.#lines.replaceChildren(
      ...captionLines(text).map((line) => {
        const shown = document.createElement("span");
        shown.textContent = line;
        return shown;
      }),
    );
  }

  #show() {
    this.#button.setAttribute("aria-checked", String(this.#on));
    this.#lines.hidden = !this.#on;
  }
}
