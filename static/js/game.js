/**
 * The practice game: words to spell letter by letter, with time and accuracy. Pure: time is an argument, in milliseconds.
 *
 * A letter is clean where it was found before any other sign was held for it, and without the drawing's help.
 *
 * @typedef {object} Tally of one letter of one word
 * @property {string} sign
 * @property {number} ms from when it was asked for
 * @property {number} mistakes other signs that were held for it
 * @property {boolean} hinted
 * @property {boolean} skipped
 */

/** A word longer than this is cut: it would not fit the screen. */
const LONGEST_WORD = 14;
const MOST_WORDS = 60;

/**
 * Words from what somebody typed or pasted: what the manual alphabet can spell, accents taken off, in capitals.
 *
 * @param {string} pasted
 */
export function wordsFrom(pasted) {
  const plain = pasted.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase();
  const words = plain.split(/[\s,;]+/).map((word) => word.replace(/[^A-Z0-9]/g, "").slice(0, LONGEST_WORD));
  return [...new Set(words.filter((word) => word))].slice(0, MOST_WORDS);
}

/**
 * `count` different words in a random order; all of them where there are not so many.
 *
 * @param {readonly string[]} words
 * @param {number} count
 * @param {() => number} random between 0 and 1
 */
export function draw(words, count, random) {
  const left = [...words];
  const drawn = [];
  while (left.length > 0 && drawn.length < count) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}

export class Game {
  #words;
  #word = 0;
  #letter = 0;
  #began;
  /** When the letter was asked for, less the time it has been paused. */
  #asked;
  /** @type {number | null} */
  #pausedAt = null;
  #pausedMs = 0;
  #mistakes = 0;
  #hinted = false;
  /** @type {number | null} */
  #ended = null;
  /** @type {Tally[]} */
  tallies = [];

  /** @param {readonly string[]} words at least one, none empty @param {number} now */
  constructor(words, now) {
    this.#words = words;
    this.#began = now;
    this.#asked = now;
  }

  get word() {
    return this.#words[this.#word] ?? "";
  }

  /** How many letters of the word have been dealt with. */
  get letter() {
    return this.#letter;
  }

  /** The sign that is asked for; empty at the end. */
  get target() {
    return this.over ? "" : (this.word[this.#letter] ?? "");
  }

  get wordNumber() {
    return this.#word + 1;
  }

  get wordCount() {
    return this.#words.length;
  }

  get over() {
    return this.#ended !== null;
  }

  get paused() {
    return this.#pausedAt !== null;
  }

  get hinted() {
    return this.#hinted;
  }

  /** The letters of this word so far. */
  get wordTallies() {
    return this.#letter === 0 ? [] : this.tallies.slice(-this.#letter);
  }

  /** Time that was played. @param {number} now */
  playedMs(now) {
    return (this.#ended ?? this.#pausedAt ?? now) - this.#began - this.#pausedMs;
  }

  /** Time since the letter was asked for. @param {number} now */
  letterMs(now) {
    return (this.#pausedAt ?? now) - this.#asked;
  }

  /**
   * A sign was held long enough to be written. @param {string} sign @param {number} now
   * @returns {"found" | "wrong" | "ignored"}
   */
  commit(sign, now) {
    if (this.over || this.paused || sign === "space" || sign === "del" || sign === "nothing") return "ignored";
    if (sign !== this.target) {
      this.#mistakes += 1;
      return "wrong";
    }
    this.#next(now, false);
    return "found";
  }

  /** @param {number} now */
  skip(now) {
    if (!this.over && !this.paused) this.#next(now, true);
  }

  hint() {
    this.#hinted = true;
  }

  /** @param {number} now */
  pause(now) {
    if (!this.over && this.#pausedAt === null) this.#pausedAt = now;
  }

  /** @param {number} now */
  resume(now) {
    if (this.#pausedAt === null) return;
    this.#pausedMs += now - this.#pausedAt;
    this.#asked += now - this.#pausedAt;
    this.#pausedAt = null;
  }

  /** Ends it early. @param {number} now */
  end(now) {
    this.resume(now);
    this.#ended ??= now;
  }

  /** @param {number} now @param {boolean} skipped */
  #next(now, skipped) {
    this.tallies.push({ sign: this.target, ms: now - this.#asked, mistakes: this.#mistakes, hinted: this.#hinted, skipped });
    this.#asked = now;
    this.#mistakes = 0;
    this.#hinted = false;
    this.#letter += 1;
    if (this.#letter < this.word.length) return;
    if (this.#word + 1 === this.#words.length) {
      this.#ended = now;
      return;
    }
    this.#word += 1;
    this.#letter = 0;
  }
}

/** @param {Tally} tally */
export function clean({ mistakes, hinted, skipped }) {
  return mistakes === 0 && !hinted && !skipped;
}

/**
 * What a game amounted to.
 *
 * @param {readonly Tally[]} tallies
 * @param {number} playedMs
 * @returns {{found: number, skipped: number, accuracy: number | null, lettersAMinute: number, work: string[]}} `accuracy`: the share of clean
 *   letters; `work`: signs to work on, the worst first, three at most and five where more were missed
 */
export function resultOf(tallies, playedMs) {
  const found = tallies.filter(({ skipped }) => !skipped).length;
  /** @type {Map<string, number>} */
  const trouble = new Map();
  for (const { sign, mistakes, hinted, skipped, ms } of tallies) {
    const points = (skipped ? 3 : 0) + mistakes * 2 + (hinted ? 2 : 0) + (ms > SLOW_MS ? 1 : 0);
    if (points > 0) trouble.set(sign, (trouble.get(sign) ?? 0) + points);
  }
  const work = [...trouble].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([sign]) => sign);
  return {
    found,
    skipped: tallies.length - found,
    accuracy: tallies.length ? tallies.filter(clean).length / tallies.length : null,
    lettersAMinute: playedMs > 0 ? (found * 60_000) / playedMs : 0,
    work: work.slice(0, WORK),
  };
}

const SLOW_MS = 8000;
const WORK = 5;
