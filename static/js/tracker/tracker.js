/**
 * The page's side of the hand tracker: frames go to a worker one at a time, hands come back. It says when it cannot work or is too
 * slow, so that the page can fall back to the guide box; it decides nothing itself.
 *
 * @typedef {import("./messages.d.ts").Found} Found
 * @typedef {import("./messages.d.ts").WorkerReply} WorkerReply
 * @typedef {import("./messages.d.ts").WorkerRequest} WorkerRequest
 * @typedef {import("./messages.d.ts").Tracked} Tracked
 */

/** Without a further hundredth of what is fetched: a slow line may take minutes for all of it. */
const LOAD_TIMEOUT_MS = 60_000;
const FRAME_TIMEOUT_MS = 10_000;
/** A single picture without a hand is looked at in a dozen ways, on whatever machine. */
const PICTURE_TIMEOUT_MS = 60_000;
/** Slower than this, most frames of a letter held for a pace's time would be missed. */
const SLOW_MS = 300;
/** The first frames warm things up, and looking for a palm is dearer than following a hand. */
const FRAMES_BEFORE_JUDGING = 20;

/** The tracker cannot be used, now or at all; the message is for people. */
export class TrackerError extends Error {
  name = "TrackerError";
}

export class Tracker {
  #onSlow;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {{resolve: (reply: WorkerReply) => void, reject: (error: TrackerError) => void, hold: () => void} | null} */
  #waiting = null;
  #ready = false;
  /** @type {(share: number) => void} */
  #onShare = () => {};
  /** @type {number[]} */
  #times = [];

  /** @param {(ms: number) => void} [onSlow] told, once, the typical time of a frame where that is too long */
  constructor(onSlow = () => {}) {
    this.#onSlow = onSlow;
  }

  /** Whether the models are loaded. */
  get ready() {
    return this.#ready;
  }

  /** Whether a frame is under way, so that the next one must wait or be left out. */
  get busy() {
    return this.#waiting !== null;
  }

  /**
   * Loads the WebAssembly and the models, some 7 MB from our own server, which browsers keep.
   *
   * @param {(share: number) => void} [onShare] told how much of the models has come, 0..1
   * @throws {TrackerError} where this browser cannot, or a file is missing
   */
  async start(onShare = () => {}) {
    this.stop();
    this.#onShare = onShare;
    if (typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined" || typeof WebAssembly === "undefined") {
      throw new TrackerError("This browser cannot look for hands.");
    }
    const worker = new Worker(new URL("./worker.js", import.meta.url));
    worker.onmessage = ({ data }) => this.#answered(data);
    worker.onerror = (event) => this.#failed(event.message || "The hand tracker could not be loaded.");
    this.#worker = worker;
    await this.#ask({ load: true }, [], LOAD_TIMEOUT_MS);
    this.#ready = true;
  }

  /**
   * Looks for the hand in one frame. One at a time: ask `busy` first.
   *
   * @param {ImageBitmap | VideoFrame} frame is given away, and closed whatever happens
   * @param {number} time in seconds, of a clock that does not run backwards
   * @param {number} [cropPx] the side of the crop's JPEG; 0 for none
   * @returns {Promise<Tracked>}
   * @throws {TrackerError} where the tracker has failed; it must be started again
   */
  async track(frame, time, cropPx = 0) {
    const reply = await this.#look({ frame, time, crop_px: cropPx }, FRAME_TIMEOUT_MS);
    this.#measure(reply.took_ms);
    return reply;
  }

  /**
   * Looks for the hand in a single picture, in every way. One at a time, too; what is followed is left alone.
   *
   * @param {ImageBitmap} picture is given away, and closed whatever happens
   * @param {number} cropPx the side of the crop's JPEG
   * @returns {Promise<Found | null>} null where there is none
   * @throws {TrackerError} where the tracker has failed; it must be started again
   */
  async find(picture, cropPx) {
    const reply = await this.#look({ frame: picture, time: null, crop_px: cropPx }, PICTURE_TIMEOUT_MS);
    return reply.found;
  }

  /** Forgets the hand that was followed: for another camera, or after a pause. */
  reset() {
    this.#worker?.postMessage(/** @type {WorkerRequest} */ ({ reset: true }));
  }

  /** Ends the worker; start() begins anew. What is under way is given up with a TrackerError. */
  stop() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#ready = false;
    this.#times = [];
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(new TrackerError("The hand tracker was stopped."));
  }

  /** @param {import("./messages.d.ts").FrameRequest} request @param {number} timeoutMs @returns {Promise<Tracked>} */
  async #look(request, timeoutMs) {
    if (!this.#ready || this.busy) {
      request.frame.close();
      throw new TrackerError(this.#ready ? "The hand tracker takes one frame at a time." : "The hand tracker is not running.");
    }
    const reply = await this.#ask(request, [request.frame], timeoutMs);
    if (reply.kind !== "tracked") throw new TrackerError("The hand tracker gave an answer that was not asked for.");
    return reply;
  }

  /**
   * @param {WorkerRequest} request
   * @param {Transferable[]} transfer
   * @param {number} timeoutMs
   * @returns {Promise<WorkerReply>}
   */
  #ask(request, transfer, timeoutMs) {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const patience = () => setTimeout(() => this.#failed("The hand tracker does not answer."), timeoutMs);
      let timer = patience();
      this.#waiting = {
        hold: () => {
          clearTimeout(timer);
          timer = patience();
        },
        resolve: (reply) => {
          clearTimeout(timer);
          resolve(reply);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      worker?.postMessage(request, transfer);
    });
  }

  /** @param {WorkerReply} reply */
  #answered(reply) {
    if (reply.kind === "failed") {
      this.#failed(reply.message);
      return;
    }
    if (reply.kind === "loading") {
      this.#waiting?.hold();
      this.#onShare(reply.share);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(reply);
  }

  /** @param {string} message */
  #failed(message) {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.stop();
    waiting?.reject(new TrackerError(message));
  }

  /** @param {number} tookMs */
  #measure(tookMs) {
    this.#times.push(tookMs);
    if (this.#times.length !== FRAMES_BEFORE_JUDGING) return;
    const middle = this.#times.sort((a, b) => a - b)[FRAMES_BEFORE_JUDGING >> 1] ?? 0;
    this.#times = [];
    if (middle > SLOW_MS) this.#onSlow(middle);
  }
}

/**
 * The video's newest picture for `track`. A VideoFrame costs no copy; where the browser has none, a bitmap does.
 *
 * @param {HTMLVideoElement} video
 * @returns {Promise<ImageBitmap | VideoFrame>}
 */
export async function frameOf(video) {
  return typeof VideoFrame === "undefined" ? createImageBitmap(video) : new VideoFrame(video);
}
