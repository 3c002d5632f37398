/**
 * Everything that is shown: this file writes the page and reads nothing from it but its own elements. It decides nothing.
 *
 * @typedef {import("./types.d.ts").Figures} Figures
 * @typedef {import("./types.d.ts").Pace} Pace
 * @typedef {import("./types.d.ts").Settings} Settings
 */

import { element } from "./element.js";

/** A letter that was just written stays big for a moment, also when the hand is already on its way. */
const WRITTEN_MS = 700;

/** @param {string} id */
const html = (id) => element(id, HTMLElement);

export class View {
  #reading = html("reading");
  #sign = html("sign");
  #caption = html("caption");
  #progress = element("progress", SVGElement);
  #candidates = [...html("candidates").children].map((row) => ({
    row: /** @type {HTMLElement} */ (row),
    sign: /** @type {HTMLElement} */ (row.querySelector(".candidate-sign")),
    bar: /** @type {HTMLElement} */ (row.querySelector(".candidate-bar i")),
    share: /** @type {HTMLElement} */ (row.querySelector(".candidate-share")),
  }));
  #text = html("text");
  #shownText = "";
  #writtenUntil = 0;
  #announcer = html("announcer");

  /** @param {string} caption @param {"off" | "waiting"} state */
  showNoReading(caption, state) {
    this.#writtenUntil = 0;
    this.#reading.dataset["state"] = state;
    this.#sign.textContent = "";
    this.#caption.textContent = caption;
    this.#progress.style.strokeDashoffset = "100";
    for (const candidate of this.#candidates) fill(candidate, "", 0, "");
    html("reliability").textContent = "";
  }

  /** @param {boolean} measured whether it is known how far this model's signs can be relied on: then there is room to say so */
  showMeasured(measured) {
    html("reliability").hidden = !measured;
  }

  /**
   * @param {object} shown
   * @param {"none" | "unsure" | "held" | "spent" | "unwritten"} shown.state
   * @param {boolean} shown.finding whether the hand is looked for, or held in the box
   * @param {string} shown.sign as it is to be read
   * @param {string | null} shown.written what this frame wrote, as it is to be read
   * @param {number} shown.progress
   * @param {{sign: string, share: number, percent: string}[]} shown.candidates
   * @param {string} shown.reliability how far `sign` can be relied on, where that is known
   */
  showReading({ state, finding, sign, written, progress, candidates, reliability }) {
    const now = performance.now();
    if (written === null && now < this.#writtenUntil && state !== "held") return;
    this.#candidates.forEach((row, index) => {
      const candidate = candidates[index];
      fill(row, candidate?.sign ?? "", candidate?.share ?? 0, candidate?.percent ?? "");
    });
    html("reliability").textContent = reliability;
    if (written !== null) {
      this.#writtenUntil = now + WRITTEN_MS;
      this.#show("spent", written, `Written: ${written}`, 1);
      restartAnimation(this.#reading, "just-written");
      return;
    }
    if (state === "none") this.#show(state, "", finding ? "No hand in view" : "No hand in the box", 0);
    else if (state === "unsure") this.#show(state, "?", "Not sure yet", 0);
    else if (state === "held") this.#show(state, sign, "Hold it", progress);
    else if (state === "unwritten") this.#show(state, sign, "Not written: the text is full", 0);
    else this.#show(state, sign, `Written: ${sign}`, 1);
  }

  /** @param {string} state @param {string} sign @param {string} caption @param {number} progress */
  #show(state, sign, caption, progress) {
    this.#reading.dataset["state"] = state;
    this.#sign.textContent = sign;
    this.#sign.dataset["long"] = String(sign.length > 1);
    this.#caption.textContent = caption;
    this.#progress.style.strokeDashoffset = String(100 - progress * 100);
  }

  /** @param {string} all */
  showText(all) {
    const before = this.#shownText;
    this.#shownText = all;
    const grew = all.length === before.length + 1 && all.startsWith(before);
    const pieces = all.match(/\s|[^\s]+/g) ?? [];
    const spans = pieces.map((piece) => span(piece === " " ? "gap" : "word", piece));
    const last = spans.at(-1);
    if (grew && last) {
      // Only the new letter lights up, not the whole word it ends.
      const letter = span("fresh", all.at(-1) ?? "");
      last.replaceChildren((last.textContent ?? "").slice(0, -1), letter);
    }
    const caret = span("caret", "");
    this.#text.replaceChildren(...spans, caret);
    this.fitText();
  }

  /** As large as the text can be without scrolling or parting a word; the smallest size scrolls, and its end stays in view. */
  fitText() {
    const text = this.#text;
    const parted = () => [...text.querySelectorAll(".word")].some(isParted);
    for (const fit of ["large", "middle", "small"]) {
      text.dataset["fit"] = fit;
      if (text.scrollHeight <= text.clientHeight && !parted()) break;
    }
    text.scrollTop = text.scrollHeight;
  }

  /** @param {string} count */
  showCount(count) {
    html("count").textContent = count;
  }

  /** @param {Figures} figures */
  showFigures(figures) {
    const { round_trip_ms: trip, frames_per_second: rate } = figures;
    html("round-trip").textContent = trip === null ? "– ms" : `${Math.round(trip)} ms`;
    html("rate").textContent = rate === null ? "–/s" : `${Math.round(rate)}/s`;
    html("dropped").textContent = `${figures.dropped} dropped`;
    const { dataset } = html("figures");
    dataset["sent"] = String(figures.sent);
    dataset["answered"] = String(figures.answered);
    dataset["dropped"] = String(figures.dropped);
  }

  /** @param {Pick<Settings, "model" | "pace" | "hand">} choices */
  showChoices(choices) {
    for (const name of /** @type {const} */ (["model", "pace", "hand"])) check(name, choices[name]);
  }

  /** @param {Record<Pace, number>} paces seconds */
  showPaces(paces) {
    for (const input of document.querySelectorAll('input[name="pace"]')) {
      const seconds = paces[/** @type {Pace} */ (/** @type {HTMLInputElement} */ (input).value)];
      const small = input.parentElement?.querySelector("small");
      if (small && seconds !== undefined) small.textContent = `${seconds} s`;
    }
  }
}

/**
 * @param {{row: HTMLElement, sign: HTMLElement, bar: HTMLElement, share: HTMLElement}} candidate
 * @param {string} sign
 * @param {number} share
 * @param {string} percent
 */
function fill(candidate, sign, share, percent) {
  candidate.row.dataset["empty"] = String(sign === "");
  candidate.sign.textContent = sign;
  candidate.bar.style.transform = `scaleX(${share})`;
  candidate.share.textContent = percent;
}

/** @param {string} name @param {string} value */
function check(name, value) {
  for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
    const radio = /** @type {HTMLInputElement} */ (input);
    radio.checked = radio.value === value;
  }
}

/** Whether a word goes over more than one line. @param {Element} word */
function isParted(word) {
  const [first] = word.getClientRects(); // of its first line, or a part of that
  return first !== undefined && word.getBoundingClientRect().height > 1.5 * first.height;
}

/** @param {string} className @param {string} text */
function span(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {HTMLElement} animated @param {string} className */
function restartAnimation(animated, className) {
  animated.classList.remove(className);
  void animated.offsetWidth; // lays the page out once without the class, so that its animation begins anew
  animated.classList.add(className);
}
