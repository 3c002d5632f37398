/**
 * Finding the hand: the tracker's life from loading to giving up. It says what it is and why; what the page does with
 * it, or without it, is decided elsewhere.
 *
 * @typedef {import("./tracker/messages.d.ts").Found} Found
 * @typedef {"off" | "loading" | "on"} FinderState
 */

import { frameOf, Tracker, TrackerError } from "./tracker/tracker.js";

export class Finder {
  /** @type {Tracker | null} */
  #tracker = null;
  /** @type {FinderState} */
  #state = "off";
  #cropPx;
  #onChange;
  #onShare;

  /**
   * @param {number} cropPx the side of the crops
   * @param {(state: FinderState, why: string | null) => void} onChange `why` only where it went off by itself
   * @param {(share: number) => void} onShare told while it loads how much has come, 0..1
   */
  constructor(cropPx, onChange, onShare) {
    this.#cropPx = cropPx;
    this.#onChange = onChange;
    this.#onShare = onShare;
  }

  get state() {
    return this.#state;
  }

  /** Loads the tracker; what becomes of it is told by `onChange`. */
  async start() {
    if (this.#tracker) return;
    const tracker = new Tracker(() => this.#giveUp(tracker, "This machine is too slow to find your hand."));
    this.#tracker = tracker;
    this.#become("loading");
    try {
      await tracker.start(this.#onShare);
      if (tracker === this.#tracker) this.#become("on");
    } catch (error) {
      console.warn(error); // the particulars are for whoever runs the server
      this.#giveUp(tracker, "The hand finder could not be loaded.");
    }
  }

  stop() {
    this.#tracker?.stop();
    this.#tracker = null;
    if (this.#state !== "off") this.#become("off");
  }

  /** Forgets the hand that was followed: for another camera, or after a pause. */
  reset() {
    if (this.#state === "on") this.#tracker?.reset();
  }

  /**
   * Looks at the newest picture.
   *
   * @param {HTMLVideoElement} video
   * @returns {Promise<Found | null | undefined>} null where there is no hand, undefined where looking came to its end meanwhile
   * @throws {Error} where there is no picture
   */
  async look(video) {
    const tracker = this.#tracker;
    if (!tracker) return undefined;
    const time = performance.now() / 1000;
    try {
      const { found } = await tracker.track(await frameOf(video), time, this.#cropPx);
      return tracker === this.#tracker ? found : undefined;
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      this.#giveUp(tracker, "The hand finder stopped working.");
      return undefined;
    }
  }

  /** @param {Tracker} tracker @param {string} why */
  #giveUp(tracker, why) {
    if (tracker !== this.#tracker) return; // it was stopped, and its last words are about that
    tracker.stop();
    this.#tracker = null;
    this.#become("off", why);
  }

  /** @param {FinderState} state @param {string | null} why */
  #become(state, why = null) {
    this.#state = state;
    this.#onChange(state, why);
  }
}
