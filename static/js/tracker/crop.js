/**
 * Steadies the square that is cut out of a live picture, so that it follows the hand and does not tremble: a one-euro filter
 * (Casiez, Roussel, Vogel, CHI 2012) over its centre and side. Time is an argument. webapp/core/crop.py is the same in the
 * server's language.
 *
 * @typedef {import("./geometry.js").Square} Square
 * @typedef {[number, number, number]} Triple centre and logarithm of the side, or their speeds in sides a second
 */

const STILL_CUTOFF_HZ = 1.2;
const CUTOFF_HZ_PER_SPEED = 4; // speed in sides a second
const SPEED_CUTOFF_HZ = 2;
/** A hand seen again after so long, or so far away, is followed at once. */
const FORGET_SECONDS = 0.5;
const JUMP_SIDES = 0.6;

export class SteadySquare {
  /** @type {{time: number, values: Triple, speeds: Triple} | null} */
  #state = null;

  /**
   * @param {Square} square
   * @param {number} time in seconds, of any clock that does not run backwards
   * @returns {Square} the steadied one
   */
  step(square, time) {
    /** @type {Triple} */
    const now = [square.x, square.y, Math.log(square.side)];
    const old = this.#state;
    const seconds = old ? time - old.time : -1;
    if (!old || seconds < 0 || seconds > FORGET_SECONDS || jumped(old.values, now, square.side)) {
      this.#state = { time, values: now, speeds: [0, 0, 0] };
      return square;
    }
    if (seconds === 0) return squareOf(old.values);
    /** @type {Triple} */
    const values = [...old.values];
    /** @type {Triple} */
    const speeds = [...old.speeds];
    for (const at of /** @type {const} */ ([0, 1, 2])) {
      const step = now[at] - old.values[at];
      speeds[at] += share(SPEED_CUTOFF_HZ, seconds) * (step / (at < 2 ? square.side : 1) / seconds - speeds[at]);
      values[at] += share(STILL_CUTOFF_HZ + CUTOFF_HZ_PER_SPEED * Math.abs(speeds[at]), seconds) * step;
    }
    this.#state = { time, values, speeds };
    return squareOf(values);
  }

  /** Forgets the past: the next square is taken as it is. */
  reset() {
    this.#state = null;
  }
}

/** @param {Triple} values @returns {Square} */
function squareOf([x, y, logSide]) {
  return { x, y, side: Math.exp(logSide), rotation: 0 };
}

/** @param {Triple} old @param {Triple} now @param {number} side */
function jumped(old, now, side) {
  return Math.hypot(now[0] - old[0], now[1] - old[1]) > JUMP_SIDES * side;
}

/** How much of the way to a new value a low pass of first order goes. @param {number} cutoffHz @param {number} seconds */
function share(cutoffHz, seconds) {
  return 1 / (1 + 1 / (2 * Math.PI * cutoffHz * seconds));
}
