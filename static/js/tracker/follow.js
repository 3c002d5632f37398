/**
 * Follows one hand through a live picture, or finds the one in a single picture. The models are handed in, so this runs wherever they do: in the worker, in a test.
 * webapp/tracker.py is the same in the server's language.
 *
 * @typedef {import("./geometry.js").Hand} Hand
 * @typedef {import("./geometry.js").Square} Square
 * @typedef {import("./pixels.js").Picture} Picture
 *
 * @typedef {object} Networks
 * @property {(pixels: Float32Array) => Promise<{boxes: Float32Array, scores: Float32Array}>} palm
 * @property {(pixels: Float32Array) => Promise<{landmarks: Float32Array, presence: number, leftScore: number}>} landmark
 *
 * @typedef {object} Look one way to look for palms in a picture
 * @property {Square} region
 * @property {boolean} brightened
 * @property {number} minScore
 * @property {number} minPresence
 * @property {boolean} [direct] take the region itself for the hand's square, with no palm found first
 *
 * @typedef {object} Followed
 * @property {Hand} hand
 * @property {boolean} leftHand steadied over time
 * @property {Square} square the square to cut out, steadied over time
 */

import { SteadySquare } from "./crop.js";
import {
  LANDMARK_INPUT_PX,
  MIN_PALM_SCORE,
  MIN_PRESENCE,
  PALM_INPUT_PX,
  chooseHand,
  clampSquare,
  decodePalms,
  handSquare,
  landmarksInPicture,
  palmAnchors,
  squareOfLandmarks,
  squareOfPalm,
} from "./geometry.js";
import { brighten, sample } from "./pixels.js";

const MIN_PALM_SCORE_SECOND = 0.25;
/** MediaPipe asks for 0.5 here too; ears and noses reach 0.86. */
const MIN_PRESENCE_FIRST = 0.88;
/** A palm that the detector itself doubts must be the surer a hand to the landmark model. */
const MIN_PRESENCE_SECOND = 0.97;
const MAX_PALMS = 3;
/** What is followed and only just passes for a hand for so long is let go: a nose can pass for ever. */
const UNSURE_SECONDS = 1;
/** A hand lost for less than this is still the one that was followed. */
const REMEMBER_SECONDS = 1;
const HANDEDNESS_MEMORY = 0.85;

export class Follower {
  #networks;
  #anchors = palmAnchors();
  #steady = new SteadySquare();
  /** @type {Square | null} where the hand will be */
  #next = null;
  /** @type {Square | null} */
  #last = null;
  #lastTime = -Infinity;
  #sureTime = -Infinity;
  #leftScore = 0.5;
  #looks = 0;

  /** @param {Networks} networks */
  constructor(networks) {
    this.#networks = networks;
  }

  /** Whether the next frame needs the landmark model alone. */
  get following() {
    return this.#next !== null;
  }

  /** Forgets the hand that was followed. */
  reset() {
    this.#next = null;
    this.#last = null;
    this.#lastTime = -Infinity;
    this.#sureTime = -Infinity;
    this.#looks = 0;
    this.#steady.reset();
  }

  /**
   * The hand in a photograph or a crop, the largest where there are several. Looks again, brightened, closer and wider, until a
   * hand is found; what is followed is left alone.
   *
   * @param {Picture} picture
   * @returns {Promise<Hand | null>} null where there is none
   */
  async find(picture) {
    const bright = brighten(picture);
    /** @type {Hand[]} */
    const doubtful = [];
    for (const look of stillLooks(picture.width, picture.height)) {
      const hands = await this.#look(look.brightened ? bright : picture, look);
      const sure = hands.filter(({ presence }) => presence >= MIN_PRESENCE_SECOND);
      if (sure.length) return chooseHand(sure);
      doubtful.push(...hands);
    }
    return doubtful.sort((a, b) => b.presence - a.presence)[0] ?? null;
  }

  /**
   * The hand in the newest frame. A hand that is followed costs one run of the landmark model. Once it is lost each frame gets one
   * look, in turn a plain one and one of the second looks, so that searching never costs more than one palm detection a frame.
   *
   * @param {Picture} picture
   * @param {number} time in seconds
   * @returns {Promise<Followed | null>} null while there is no hand
   */
  async follow(picture, time) {
    const sure = time - this.#sureTime <= UNSURE_SECONDS;
    const hand = (sure ? await this.#stillThere(picture) : null) ?? (await this.#search(picture, time));
    if (!hand) {
      this.#next = null;
      return null;
    }
    const square = handSquare(hand.landmarks);
    if (hand.presence >= MIN_PRESENCE_FIRST) this.#sureTime = time;
    const fresh = time - this.#lastTime > REMEMBER_SECONDS;
    this.#leftScore = fresh ? hand.leftScore : HANDEDNESS_MEMORY * this.#leftScore + (1 - HANDEDNESS_MEMORY) * hand.leftScore;
    this.#next = squareOfLandmarks(hand.landmarks);
    this.#last = square;
    this.#lastTime = time;
    this.#looks = 0;
    return {
      hand,
      leftHand: this.#leftScore < 0.5,
      square: clampSquare(this.#steady.step(square, time), picture.width, picture.height),
    };
  }

  /** @param {Picture} picture */
  async #stillThere(picture) {
    if (!this.#next) return null;
    let hand = await this.#handIn(picture, this.#next);
    if (hand.presence < MIN_PRESENCE) hand = await this.#handIn(brighten(picture), this.#next);
    return hand.presence >= MIN_PRESENCE ? hand : null;
  }

  /** @param {Picture} picture @param {number} time */
  async #search(picture, time) {
    const looks = liveLooks(picture.width, picture.height);
    const look = looks[this.#looks % looks.length];
    this.#looks += 1;
    if (!look) return null;
    const hands = await this.#look(look.brightened ? brighten(picture) : picture, look);
    return chooseHand(hands, time - this.#lastTime <= REMEMBER_SECONDS ? this.#last : null);
  }

  /** @param {Picture} picture brightened, where the look says so @param {Look} look */
  async #look(picture, look) {
    /** @type {Hand[]} */
    const hands = [];
    for (const square of look.direct ? [look.region] : await this.#palmSquares(picture, look)) {
      const first = await this.#handIn(picture, square);
      if (first.presence < MIN_PRESENCE) continue;
      // Looked at once more where its own landmarks say it is: what is no hand seldom survives that.
      const hand = await this.#handIn(picture, squareOfLandmarks(first.landmarks));
      if (hand.presence >= look.minPresence) hands.push(hand);
    }
    return hands;
  }

  /** @param {Picture} picture @param {Look} look */
  async #palmSquares(picture, { region, minScore }) {
    const { boxes, scores } = await this.#networks.palm(sample(picture, region, PALM_INPUT_PX, "black"));
    return decodePalms(boxes, scores, this.#anchors, region, minScore).slice(0, MAX_PALMS).map(squareOfPalm);
  }

  /**
   * @param {Picture} picture
   * @param {Square} square
   * @returns {Promise<Hand>}
   */
  async #handIn(picture, square) {
    const pixels = sample(picture, square, LANDMARK_INPUT_PX);
    const { landmarks, presence, leftScore } = await this.#networks.landmark(pixels);
    return { landmarks: landmarksInPicture(landmarks, square), presence, leftScore };
  }
}

/**
 * The looks at a single picture, in order.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Look[]}
 */
export function stillLooks(width, height) {
  const whole = (scale = 1) => ({ x: width / 2, y: height / 2, side: scale * Math.max(width, height), rotation: 0 });
  const first = { brightened: false, minScore: MIN_PALM_SCORE, minPresence: MIN_PRESENCE_FIRST };
  const second = { brightened: true, minScore: MIN_PALM_SCORE_SECOND, minPresence: MIN_PRESENCE_SECOND };
  return [
    { ...first, region: whole() },
    { ...first, region: whole(1.5) },
    { ...second, region: whole(1.5), brightened: false },
    ...[whole(), whole(1.5), ...tiles(width, height)].map((region) => ({ ...second, region })),
    // A crop that the hand fills shows too little of the wrist to find a palm in.
    { ...second, region: whole(1.15), direct: true },
  ];
}

/**
 * The looks at the frames in which no hand is followed: every other one is a plain look.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Look[]}
 */
export function liveLooks(width, height) {
  const whole = { x: width / 2, y: height / 2, side: Math.max(width, height), rotation: 0 };
  const plain = { region: whole, brightened: false, minScore: MIN_PALM_SCORE, minPresence: MIN_PRESENCE_FIRST };
  const second = { brightened: true, minScore: MIN_PALM_SCORE_SECOND, minPresence: MIN_PRESENCE_SECOND };
  return [whole, ...tiles(width, height)].flatMap((region) => [plain, { ...second, region }]);
}

/**
 * Enlarged parts of the picture that overlap: squares over two thirds of the shorter side, in a grid.
 *
 * @param {number} width
 * @param {number} height
 * @returns {Square[]}
 */
function tiles(width, height) {
  const shorter = Math.min(width, height);
  const side = (2 / 3) * shorter;
  /** @param {number} extent */
  const centres = (extent) => {
    const count = extent < 1.25 * shorter ? 2 : 3;
    return Array.from({ length: count }, (_, at) => side / 2 + ((extent - side) * at) / (count - 1));
  };
  return centres(height).flatMap((y) => centres(width).map((x) => ({ x, y, side, rotation: 0 })));
}
