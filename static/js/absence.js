/**
 * How often to look for a hand that is away, and how often to tell the server so. Pure: time is an argument, in milliseconds.
 *
 * Letters are released and words end by what the server hears. A short gap between two equal letters must not fall between two
 * messages, so at first every picture's absence is told; until the word has ended at the slowest pace, five a second are enough;
 * from then on one every second does nothing but keep the page's "no hand" true.
 */

const EVERY_PICTURE_MS = 500;
/** The server waits three seconds at most before it ends a word, from when it believes that the hand is gone. */
const WORD_ENDS_MS = 4000;
const ENDING_GAP_MS = 200;
const RESTING_GAP_MS = 1000;
/** Nobody waits longer than this for a hand that comes back to be seen; looking at each picture would cost a core for nothing. */
const RESTING_LOOK_MS = 150;
/** A clock's tick less, so that a gap of so many pictures is not missed by a millisecond. */
const TOLERANCE_MS = 10;

export class Absence {
  #began = Infinity;
  #looked = -Infinity;
  #told = -Infinity;

  /** A hand is there, or looking begins anew. */
  end() {
    this.#began = Infinity;
    this.#looked = -Infinity;
    this.#told = -Infinity;
  }

  /** Whether to look at the picture taken at `now`. @param {number} now */
  looks(now) {
    if (now - this.#began > WORD_ENDS_MS && now - this.#looked < RESTING_LOOK_MS - TOLERANCE_MS) return false;
    this.#looked = now;
    return true;
  }

  /** No hand is in the picture taken at `now`: whether to tell the server. @param {number} now */
  tells(now) {
    this.#began = Math.min(this.#began, now);
    const lasting = now - this.#began;
    const gap = lasting < EVERY_PICTURE_MS ? 0 : lasting < WORD_ENDS_MS ? ENDING_GAP_MS : RESTING_GAP_MS;
    if (now - this.#told < gap - TOLERANCE_MS) return false;
    this.#told = now;
    return true;
  }
}
