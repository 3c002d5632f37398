/**
 * The worker in which the hand is found: LiteRT.js with MediaPipe's models, on one core of the CPU, away from the page.
 *
 * A classic worker, since LiteRT.js loads its WebAssembly by importScripts(), which modules do not have; our own modules come by
 * import().
 *
 * Messages in: `{load: true}`, `{reset: true}` and `{frame, time, crop_px}`; out, one for each `load` and each `frame`, and while
 * it loads, how far it is: see ./messages.d.ts.
 */

/** @typedef {import("./messages.d.ts").WorkerReply} WorkerReply */
/** @typedef {import("./messages.d.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./follow.js").Followed} Followed */
/** @typedef {import("./pixels.js").Picture} Picture */

(() => {
  const scope = /** @type {{postMessage(message: WorkerReply, transfer?: Transferable[]): void, onmessage: any}} */ (
    /** @type {unknown} */ (self)
  );

  const JPEG_QUALITY = 0.8;
  /** A larger picture is shrunk before it is looked at: it would cost time and show no more of a hand. */
  const MOST_PX = 1280;
  /** The smaller landmark model takes over where the larger is slower than this. */
  const FULL_MODEL_MS = 60;
  const RUNS_BEFORE_JUDGING = 15;

  /** @type {Promise<Awaited<ReturnType<typeof start>>> | null} */
  let started = null;
  const reader = makeCanvas();
  const writer = makeCanvas();

  /** One message after the other: a reset must not fall into the middle of a frame. */
  let last = Promise.resolve();

  /** @param {{data: WorkerRequest}} event */
  scope.onmessage = ({ data }) => {
    last = last.then(() => handle(data));
  };

  /** @param {WorkerRequest} request */
  async function handle(request) {
    try {
      started ??= start();
      const tracker = await started;
      if ("reset" in request) tracker.follower.reset();
      else if ("load" in request) scope.postMessage({ kind: "ready" });
      else await track(tracker, request);
    } catch (error) {
      if ("frame" in request) request.frame.close();
      scope.postMessage({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  }

  async function start() {
    const vendor = new URL("../../vendor/", self.location.href).href;
    const [litert, { Follower }, pixels, geometry, { Downloads }] = await Promise.all([
      import(/** @type {any} */ (`${vendor}litert.js`)),
      import("./follow.js"),
      import("./pixels.js"),
      import("./geometry.js"),
      import("./downloads.js"),
    ]);
    Object.assign(self, {
      Module: {
        // Left alone, it would look for its .wasm beside this file.
        locateFile: (/** @type {string} */ name) => vendor + name,
        // It reports each step of a good start as an error.
        printErr: (/** @type {string} */ text) => console.debug(text),
      },
    });
    // Not the runtime itself: a browser keeps what it has compiled of that only if it has fetched it by itself.
    const downloads = new Downloads((share) => scope.postMessage({ kind: "loading", share }));
    /** @param {string} name */
    const fetched = (name) => downloads.fetch(`${vendor}${name}.tflite`);
    const [palmModel, landmarkModel] = await Promise.all([
      fetched("palm_detection_full"),
      fetched("hand_landmark_full"),
      litert.loadLiteRt(vendor),
    ]);
    /** @param {Uint8Array} bytes @param {number} size */
    const load = async (bytes, size) => {
      const model = await litert.loadAndCompile(bytes, { accelerator: "wasm" });
      /** @param {Float32Array} input @returns {Promise<Float32Array[]>} */
      const run = async (input) => {
        const tensor = new litert.Tensor(input, [1, size, size, 3]);
        const outputs = await model.run(tensor);
        tensor.delete();
        return outputs.map((/** @type {any} */ output) => {
          const numbers = /** @type {Float32Array} */ (output.toTypedArray()).slice();
          output.delete();
          return numbers;
        });
      };
      await run(new Float32Array(size * size * 3)); // the first run is much the slowest: better now than with a hand in view
      return { run, delete: () => model.delete() };
    };
    const palm = await load(palmModel, geometry.PALM_INPUT_PX);
    let landmark = await load(landmarkModel, geometry.LANDMARK_INPUT_PX);
    let size = /** @type {"full" | "lite"} */ ("full");
    /** @type {number[]} */
    let times = [];
    /** The smaller model's file, once it has been asked for and has come. @type {Uint8Array | null} */
    let fetchedLite = null;
    let asked = false;

    /** @type {import("./follow.js").Networks} */
    const networks = {
      palm: async (input) => {
        const [boxes, scores] = await palm.run(input);
        if (!boxes || !scores) throw new Error("The palm model has two outputs.");
        return { boxes, scores };
      },
      landmark: async (input) => {
        const begun = performance.now();
        const [landmarks, presence, leftScore] = await landmark.run(input);
        times.push(performance.now() - begun);
        if (!landmarks || !presence || !leftScore) throw new Error("The landmark model has three outputs and more.");
        return { landmarks, presence: presence[0] ?? 0, leftScore: leftScore[0] ?? 0 };
      },
    };
    return {
      follower: new Follower(networks),
      pixels,
      geometry,
      get size() {
        return size;
      },
      /** Judged by the median of a number of runs, so that one hiccup decides nothing. */
      async fitToMachine() {
        if (fetchedLite) {
          const lite = await load(fetchedLite, geometry.LANDMARK_INPUT_PX);
          fetchedLite = null;
          landmark.delete();
          landmark = lite;
          size = "lite";
        }
        if (asked || times.length < RUNS_BEFORE_JUDGING) return;
        const middle = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
        times = [];
        if (middle <= FULL_MODEL_MS) return;
        asked = true;
        // Not awaited: on a slow line the frames go on with the larger one, and with it alone where the other cannot be had.
        fetched("hand_landmark_lite").then(
          (bytes) => (fetchedLite = bytes),
          (error) => console.debug(error),
        );
      },
    };
  }

  /**
   * @param {Awaited<ReturnType<typeof start>>} tracker
   * @param {import("./messages.d.ts").FrameRequest} request
   */
  async function track(tracker, { frame, time, crop_px }) {
    const begun = performance.now();
    const width = "displayWidth" in frame ? frame.displayWidth : frame.width;
    const height = "displayHeight" in frame ? frame.displayHeight : frame.height;
    const shrink = Math.min(1, MOST_PX / Math.max(width, height));
    const picture = read(frame, Math.round(width * shrink), Math.round(height * shrink));
    frame.close();
    const followed = await (time === null ? find(tracker, picture) : tracker.follower.follow(picture, time));
    const found = followed ? await describe(tracker, followed, picture, shrink, crop_px) : null;
    const took_ms = performance.now() - begun;
    const reply = /** @type {WorkerReply} */ ({ kind: "tracked", found, took_ms, model: tracker.size });
    scope.postMessage(reply, found?.jpeg ? [found.jpeg] : []);
    if (time !== null) await tracker.fitToMachine();
  }

  /**
   * @param {Awaited<ReturnType<typeof start>>} tracker
   * @param {Picture} picture
   * @returns {Promise<Followed | null>}
   */
  async function find({ follower, geometry }, picture) {
    const hand = await follower.find(picture);
    if (!hand) return null;
    const square = geometry.pictureSquare(hand.landmarks, picture.width, picture.height);
    return { hand, leftHand: hand.leftScore < 0.5, square };
  }

  /**
   * @param {Awaited<ReturnType<typeof start>>} tracker
   * @param {Followed} followed
   * @param {Picture} picture
   * @param {number} shrink
   * @param {number} cropPx
   * @returns {Promise<import("./messages.d.ts").Found>}
   */
  async function describe({ pixels, geometry }, { hand, leftHand, square }, picture, shrink, cropPx) {
    return {
      landmarks: hand.landmarks.map(([x, y, z]) => [x / picture.width, y / picture.height, z / picture.width]),
      presence: hand.presence,
      hand: leftHand ? "left" : "right",
      crop: {
        left: (square.x - square.side / 2) / shrink,
        top: (square.y - square.side / 2) / shrink,
        side: square.side / shrink,
      },
      crop_landmarks: geometry.landmarksInSquare(hand.landmarks, square),
      jpeg: cropPx ? await jpegOf(pixels.cut(picture, square, cropPx), cropPx) : null,
    };
  }

  /** @param {ImageBitmap | VideoFrame} frame @param {number} width @param {number} height @returns {Picture} */
  function read(frame, width, height) {
    const context = reader(width, height);
    context.drawImage(frame, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  /** @param {Uint8ClampedArray<ArrayBuffer>} rgba @param {number} side */
  async function jpegOf(rgba, side) {
    const context = writer(side, side);
    context.putImageData(new ImageData(rgba, side, side), 0, 0);
    return (await context.canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY })).arrayBuffer();
  }

  function makeCanvas() {
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    return (/** @type {number} */ width, /** @type {number} */ height) => {
      if (!context) throw new Error("This browser gives workers no canvas.");
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      return context;
    };
  }
})();
