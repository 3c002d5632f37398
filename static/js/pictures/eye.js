/**
 * Where the hand is looked for in a picture: here, so that only the hand leaves this machine, or by the server where this browser
 * cannot. It says which of the two it is; whether a picture may be sent whole is decided elsewhere.
 *
 * @typedef {import("../tracker/messages.d.ts").Found} Found
 * @typedef {"loading" | "here" | "server"} Place
 */

import { Tracker, TrackerError } from "../tracker/tracker.js";

export class Eye {
  #tracker = new Tracker();
  /** @type {Place} */
  #place = "loading";
  #onPlace;

  /** @param {(place: Place) => void} onPlace */
  constructor(onPlace) {
    this.#onPlace = onPlace;
  }

  get place() {
    return this.#place;
  }

  async start() {
    this.#become("loading");
    try {
      await this.#tracker.start();
      this.#become("here");
    } catch (error) {
      console.warn(error); // the particulars are for whoever runs the server
      this.#become("server");
    }
  }

  /**
   * @param {ImageBitmap} picture is given away
   * @param {number} cropPx the side of the crop's JPEG
   * @returns {Promise<Found | null | undefined>} null where there is no hand, undefined where this browser has just given up
   */
  async find(picture, cropPx) {
    try {
      return await this.#tracker.find(picture, cropPx);
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      this.#become("server");
      return undefined;
    }
  }

  /** @param {Place} place */
  #become(place) {
    this.#place = place;
    this.#onPlace(place);
  }
}
