/**
 * The text as captions over the camera's picture: the last two lines, where they hide neither the hand nor, as far as can be, the
 * face. Screen readers have the text itself.
 *
 * @typedef {import("./types.d.ts").Extent} Extent
 * @typedef {"bottom" | "top"} Place
 */

import { element } from "./element.js";
import { recall, remember } from "./memory.js";
import { boxShown, squareShown } from "./preview.js";

const LINES = 2;
/** Subtitles' own bound is 37–42; these are capitals, and larger. */
const LONGEST_LINE = 26;
/** How much of the picture's height two lines take, at the bottom or at the top. */
const BAND = 0.24;
/** A hand must have left the bottom by so much before the captions go back to it: they should not dance. */
const MARGIN = 0.08;

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

/**
 * Where captions go: at the bottom, as everywhere, unless the hand is there and not at the top, too.
 *
 * @param {Place} now
 * @param {Extent | null} hand in fractions of the picture
 * @returns {Place}
 */
export function captionPlace(now, hand) {
  if (!hand) return now;
  const reaches = hand.top + hand.height > 1 - BAND - (now === "top" ? MARGIN : 0);
  return reaches && hand.top >= BAND ? "top" : "bottom";
}

export class Captions {
  #lines = document.createElement("p");
  #button = element("captions", HTMLButtonElement);
  #on = recall("captions") === true;
  /** @type {Place} */
  #place = "bottom";

  constructor() {
    this.#lines.className = "subtitles";
    this.#lines.id = "subtitles";
    this.#lines.setAttribute("aria-hidden", "true");
    element("stage", HTMLElement).append(this.#lines);
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

  /** The hand may be elsewhere: keeps out of its way. */
  keepClear() {
    if (!this.#on) return;
    this.#place = captionPlace(this.#place, boxShown() ?? squareShown());
    this.#lines.dataset["place"] = this.#place;
  }

  #show() {
    this.#button.setAttribute("aria-checked", String(this.#on));
    this.#lines.hidden = !this.#on;
    this.keepClear();
  }
}
