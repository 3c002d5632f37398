/**
 * The conversation with the server: one connection that mends itself, one frame in flight, always the newest. This file never
 * sees the page or the camera; it is handed a function that says what the newest picture shows.
 *
 * @typedef {import("./types.d.ts").EditOp} EditOp
 * @typedef {import("./types.d.ts").EditReply} EditReply
 * @typedef {import("./types.d.ts").Figures} Figures
 * @typedef {import("./types.d.ts").FrameRefusal} FrameRefusal
 * @typedef {import("./types.d.ts").Hello} Hello
 * @typedef {import("./types.d.ts").ModeReply} ModeReply
 * @typedef {import("./types.d.ts").Reading} Reading
 * @typedef {import("./types.d.ts").Seen} Seen
 * @typedef {import("./types.d.ts").Settings} Settings
 * @typedef {import("../vendor/socket.io.esm.min.js").Socket} Socket
 *
 * @typedef {() => Promise<Seen | null>} Capture null where there is nothing to tell
 *
 * @typedef {"connecting" | "open" | "gone" | "closed"} Connection `gone` mends itself; `closed` was the server's decision
 *   and waits for a person
 *
 * @typedef {object} Handlers
 * @property {(hello: Hello) => void} onHello
 * @property {(keeping: import("./types.d.ts").Keeping) => void} [onKeeping] how keeping fares has changed
 * @property {(connection: Connection) => void} onConnection
 * @property {(reading: Reading) => void} onReading
 * @property {(refusal: FrameRefusal) => void} onRefusal
 * @property {(message: import("./class/bar.js").ClassMessage) => void} [onClass] a pupil's class has something to say
 * @property {(away: boolean) => void} [onAway] the server cannot reach the classes, or can again
 * @property {(busy: boolean) => void} [onBusy] many send at once, and each is to send less often; or that is over
 * @property {() => void} onSilence an answer was given up
 * @property {(error: Error) => void} onCaptureError
 * @property {(figures: Figures) => void} onFigures
 */

const ANSWER_TIMEOUT_MS = 5000;
/** Not more than some 30 frames a second, whatever the camera gives: letters are held by time, more would only cost. */
const LEAST_GAP_MS = 30;
const WINDOW_MS = 2000;

export class Stream {
  /** @type {string | null} */
  #token;
  #handlers;
  #socket;
  #greeted = false;
  /** @type {Capture | null} */
  #capture = null;
  #seq = 0;
  #inFlight = false;
  /** When the camera's newest frame came, until it is sent. @type {number | null} */
  #newest = null;
  #lastSent = -Infinity;
  /** From one frame to the next, at least. */
  #gap = LEAST_GAP_MS;
  /** @type {number[]} */
  #answers = [];
  /** @type {Figures} */
  #figures = { round_trip_ms: null, frames_per_second: null, sent: 0, answered: 0, dropped: 0 };

  /**
   * @param {typeof import("../vendor/socket.io.esm.min.js").io} io
   * @param {string | null} token of the session to take up again
   * @param {Handlers} handlers
   */
  constructor(io, token, handlers) {
    this.#token = token;
    this.#handlers = handlers;
    this.#socket = io({
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 4000,
      timeout: 8000,
      // A pupil's other pages are no part of the lesson: only one that hears of the class says so.
      auth: (tell) => tell({ ...(this.#token && { token: this.#token }), ...(handlers.onClass && { class: true }) }),
    });
    this.#socket.on("hello", (/** @type {Hello} */ hello) => {
      this.#token = hello.token;
      this.#greeted = true;
      handlers.onConnection("open");
      handlers.onHello(hello);
      this.#send();
    });
    this.#socket.on("class", (/** @type {import("./class/bar.js").ClassMessage} */ message) => handlers.onClass?.(message));
    this.#socket.on("away", (/** @type {{away: boolean}} */ { away }) => handlers.onAway?.(away));
    this.#socket.on("busy", (/** @type {{busy: boolean, gap_ms: number}} */ { busy, gap_ms }) => {
      this.#gap = Math.max(LEAST_GAP_MS, gap_ms);
      handlers.onBusy?.(busy);
    });
    this.#socket.on("again", () => this.reconnect());
    this.#socket.on("keeping", (/** @type {import("./types.d.ts").Keeping} */ keeping) => handlers.onKeeping?.(keeping));
    this.#socket.on("connect_error", () => handlers.onConnection(this.#socket.active ? "gone" : "closed"));
    this.#socket.on("disconnect", () => {
      this.#greeted = false;
      this.#gap = LEAST_GAP_MS; // the next server may have more time
      handlers.onBusy?.(false);
      handlers.onConnection(this.#socket.active ? "gone" : "closed");
    });
    handlers.onConnection("connecting");
  }

  get open() {
    return this.#socket.connected && this.#greeted;
  }

  get token() {
    return this.#token;
  }

  /** Tries again now, also where the server has closed the connection for good. */
  reconnect() {
    this.#handlers.onConnection("connecting");
    this.#socket.disconnect().connect();
  }

  /** @param {Capture} capture says what the newest picture shows */
  start(capture) {
    this.#capture = capture;
    this.#newest = null;
    this.#answers = [];
    this.#figures = { round_trip_ms: null, frames_per_second: null, sent: 0, answered: 0, dropped: 0 };
  }

  stop() {
    this.#capture = null;
  }

  /**
   * To be called for every new picture of the camera.
   *
   * @param {number} t when it came. Movements are judged by this: when it is sent may be much later, or unevenly so.
   */
  frameArrived(t) {
    if (!this.#capture || !this.open) return;
    if (this.#newest !== null) this.#figures.dropped += 1; // the one before it will never be sent
    this.#newest = t;
    this.#send();
  }

  /** @param {EditOp} op @param {string} [word] to take @returns {Promise<EditReply | null>} null where no answer came */
  edit(op, word) {
    return this.#ask("edit", word === undefined ? { op } : { op, word });
  }

  /** @param {import("./types.d.ts").OwnWords} list @returns {Promise<import("./types.d.ts").VocabularyReply | null>} */
  vocabulary(list) {
    return this.#ask("vocabulary", list);
  }

  /** @param {Partial<Pick<Settings, "model" | "pace" | "hand">>} change @returns {Promise<ModeReply | null>} */
  mode(change) {
    return this.#ask("mode", change);
  }

  async #send() {
    const capture = this.#capture;
    const now = performance.now();
    if (!capture || this.#inFlight || this.#newest === null || !this.open) return;
    if (now - this.#lastSent < this.#gap) return; // the camera's next frame asks again
    this.#inFlight = true;
    const t = this.#newest;
    this.#newest = null;
    this.#lastSent = now;
    try {
      await this.#exchange(capture, t);
    } finally {
      this.#inFlight = false;
    }
    this.#send();
  }

  /** @param {Capture} capture @param {number} t */
  async #exchange(capture, t) {
    let seen;
    try {
      seen = await capture();
    } catch (error) {
      this.#handlers.onCaptureError(/** @type {Error} */ (error));
      return;
    }
    // The client would keep what is sent offline and deliver all of it, stale, at the next connection.
    if (!seen || !this.open || capture !== this.#capture) return;
    const sent = performance.now();
    this.#figures.sent += 1;
    const reply = /** @type {Reading | FrameRefusal | null} */ (await this.#ask("frame", { seq: this.#seq++, t, ...seen }));
    if (reply === null) {
      this.#figures.dropped += 1;
      if (this.open) this.#handlers.onSilence();
      return;
    }
    this.#measure(performance.now() - sent);
    if ("error" in reply) this.#handlers.onRefusal(reply);
    else this.#handlers.onReading(reply);
  }

  /** @param {number} roundTrip in milliseconds */
  #measure(roundTrip) {
    const now = performance.now();
    const figures = this.#figures;
    figures.answered += 1;
    figures.round_trip_ms = figures.round_trip_ms === null ? roundTrip : figures.round_trip_ms * 0.8 + roundTrip * 0.2;
    this.#answers = [...this.#answers.filter((time) => now - time < WINDOW_MS), now];
    const first = this.#answers[0] ?? now;
    figures.frames_per_second = this.#answers.length > 1 ? ((this.#answers.length - 1) * 1000) / (now - first) : null;
    this.#handlers.onFigures({ ...figures });
  }

  /**
   * @param {string} event
   * @param {object} message
   * @returns {Promise<any>} the reply, or null where the connection is away or the answer did not come in time
   */
  #ask(event, message) {
    if (!this.#socket.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#socket.timeout(ANSWER_TIMEOUT_MS).emit(event, message, (/** @type {Error | null} */ error, /** @type {any} */ reply) => {
        resolve(error ? null : reply);
      });
    });
  }
}
