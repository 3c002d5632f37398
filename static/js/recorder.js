/**
 * A recording's life: a canvas goes in, a film comes out. It stays in this page's memory, so it is bounded. When to record, and what
 * becomes of the film, is decided elsewhere.
 *
 * @typedef {object} Film
 * @property {Blob} blob
 * @property {string} name a file name
 * @property {number} seconds
 */

/** MP4 first: slides, telephones and video players all take it. */
const TYPES = ["video/mp4;codecs=avc1", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
export const LONGEST_SECONDS = 600;
/** Ten minutes are 150 MB then. */
const BITS_A_SECOND = 2_000_000;
/** What has been encoded is handed over so often; the browser may then put it on the disk. */
const PIECE_MS = 1000;
/** Enough for a film; drawing and encoding more would take the time that reading needs. */
export const PICTURES_A_SECOND = 15;
const TICK_MS = 200;

/** What the browser can record, or null. @returns {string | null} */
export function recordingType() {
  if (typeof MediaRecorder === "undefined" || !("captureStream" in HTMLCanvasElement.prototype)) return null;
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/** @param {Date} began @param {string} type */
export function fileName(began, type) {
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");
  const day = `${began.getFullYear()}-${two(began.getMonth() + 1)}-${two(began.getDate())}`;
  return `handspell-${day}-${two(began.getHours())}${two(began.getMinutes())}.${type.startsWith("video/mp4") ? "mp4" : "webm"}`;
}

export class Recorder {
  #onSecond;
  #onFilm;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {Blob[]} */
  #pieces = [];
  #began = new Date();
  /** Recorded before the last pause, and when it went on after that; a pause is no time. */
  #before = 0;
  #since = 0;
  #second = -1;
  #timer = 0;

  /**
   * @param {(seconds: number) => void} onSecond called with each whole second recorded, from 0
   * @param {(film: Film) => void} onFilm called when a recording is over, also one that ended by itself
   */
  constructor(onSecond, onFilm) {
    this.#onSecond = onSecond;
    this.#onFilm = onFilm;
  }

  get recording() {
    return this.#recorder !== null;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} type
   * @throws {Error} where the browser cannot after all
   */
  start(canvas, type) {
    const stream = canvas.captureStream(PICTURES_A_SECOND);
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_A_SECOND });
    this.#pieces = [];
    recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size) this.#pieces.push(data);
    });
    // Whatever ends it, an error too: what there is by then is kept.
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      this.#ended(type);
    });
    recorder.start(PIECE_MS);
    this.#recorder = recorder;
    this.#began = new Date();
    this.#before = 0;
    this.#since = performance.now();
    this.#second = -1;
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** The film comes by `onFilm`. */
  stop() {
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  pause() {
    if (this.#recorder?.state !== "recording") return;
    this.#before = this.#seconds;
    this.#recorder.pause();
  }

  resume() {
    if (this.#recorder?.state !== "paused") return;
    this.#recorder.resume();
    this.#since = performance.now();
  }

  get #seconds() {
    return this.#before + (this.#recorder?.state === "recording" ? (performance.now() - this.#since) / 1000 : 0);
  }

  #tick() {
    if (this.#recorder?.state === "inactive") return; // it has ended, and its last piece is on the way
    const second = Math.floor(this.#seconds);
    if (second !== this.#second) this.#onSecond((this.#second = second));
    if (second >= LONGEST_SECONDS) this.stop();
  }

  /** @param {string} type */
  #ended(type) {
    clearInterval(this.#timer);
    this.#recorder = null;
    const blob = new Blob(this.#pieces, { type: type.replace(/;.*/, "") });
    this.#pieces = [];
    this.#onFilm({ blob, name: fileName(this.#began, type), seconds: this.#second });
  }
}
