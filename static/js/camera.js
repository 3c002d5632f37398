/**
 * The camera: starting it, stopping it, its new frames, and a JPEG of one square of the newest. It knows nothing of the guide
 * box or the server.
 *
 * @typedef {import("./types.d.ts").PictureSize} PictureSize
 *
 * @typedef {{id: string, name: string, chosen: boolean}} Device a camera of this machine
 */

/**
 * The side of the picture that is sent. The model looks at fewer pixels than this; more would only be more bytes. The server
 * takes 48–640.
 */
export const SENT_PX = 160;
const LEAST_SENT_PX = 48;
const JPEG_QUALITY = 0.8;
/** What another camera would not change: the person or the page may use none. */
const REFUSALS = new Set(["NotAllowedError", "SecurityError"]);

/** The name that words.js has advice for. */
export class CameraError extends Error {
  /** @param {string} name */
  constructor(name) {
    super(name);
    this.name = name;
  }
}

export class Camera {
  #video;
  #canvas = new JpegMaker();
  /** @type {MediaStream | null} */
  #stream = null;
  /** Rises with every start and stop, so that a camera that arrives after Stop was pressed is closed at once. */
  #generation = 0;
  #onFrame;
  #onEnded;

  /**
   * @param {HTMLVideoElement} video
   * @param {(t: number) => void} onFrame called for each new picture of the camera with when it came; never while the tab is hidden
   * @param {() => void} onEnded called when the camera goes away by itself
   */
  constructor(video, onFrame, onEnded) {
    this.#video = video;
    this.#onFrame = onFrame;
    this.#onEnded = onEnded;
  }

  get running() {
    return this.#stream !== null;
  }

  /** @returns {PictureSize} */
  get picture() {
    return { width: this.#video.videoWidth, height: this.#video.videoHeight };
  }

  /**
   * Resolves to true once the first picture is there, and to false where it was stopped, or went away, meanwhile.
   *
   * @param {string | null} wanted the device to take if it is there
   * @throws {Error} whose name says why not
   */
  async start(wanted = null) {
    const generation = ++this.#generation;
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("Insecure");
    const stream = await open(wanted);
    if (generation !== this.#generation) {
      stop(stream);
      return false;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0]?.addEventListener("ended", () => {
      if (generation !== this.#generation) return;
      this.stop();
      this.#onEnded();
    });
    this.#video.srcObject = stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (generation === this.#generation) throw error;
    }
    if (generation !== this.#generation) return false;
    watchFrames(this.#video, () => generation === this.#generation, this.#onFrame);
    return true;
  }

  /** The cameras to choose from; browsers name them once one has been allowed. @returns {Promise<Device[]>} */
  async devices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const own = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    return devices
      .filter(({ kind }) => kind === "videoinput")
      .map(({ deviceId, label }, at) => ({ id: deviceId, name: label || `Camera ${at + 1}`, chosen: deviceId === own }));
  }

  stop() {
    this.#generation += 1;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** Switched off, the camera gives black pictures and, in most browsers, puts its light out. @param {boolean} looking */
  look(looking) {
    for (const track of this.#stream?.getVideoTracks() ?? []) track.enabled = looking;
  }

  /**
   * One square of the newest picture as a JPEG, unmirrored: the mirror is made by CSS.
   *
   * @param {{left: number, top: number, side: number}} crop in pixels of the picture
   * @returns {Promise<ArrayBuffer>}
   */
  async jpegOf(crop) {
    const side = Math.max(LEAST_SENT_PX, Math.min(SENT_PX, crop.side));
    const context = this.#canvas.sized(side);
    context.drawImage(this.#video, crop.left, crop.top, crop.side, crop.side, 0, 0, side, side);
    return (await this.#canvas.toJpeg()).arrayBuffer();
  }
}

/**
 * Calls `onFrame` for each new picture of a video as long as it is wanted; not while the tab is hidden.
 *
 * @param {HTMLVideoElement} video
 * @param {() => boolean} wanted
 * @param {(t: number) => void} onFrame told when the picture came, in milliseconds of performance.now()
 */
export function watchFrames(video, wanted, onFrame) {
  if ("requestVideoFrameCallback" in video) {
    const next = (/** @type {number} */ _, /** @type {VideoFrameCallbackMetadata} */ { presentationTime }) => {
      if (!wanted()) return;
      video.requestVideoFrameCallback(next);
      onFrame(presentationTime); // a busy page is called late
    };
    video.requestVideoFrameCallback(next);
    return;
  }
  const older = /** @type {HTMLVideoElement} */ (video);
  let seen = -1;
  const look = () => {
    if (!wanted()) return;
    requestAnimationFrame(look);
    if (older.currentTime === seen) return; // the screen refreshes more often than the camera
    seen = older.currentTime;
    onFrame(performance.now());
  };
  requestAnimationFrame(look);
}

/** A canvas outside the page, or one that is never attached to it where the browser has no OffscreenCanvas. */
class JpegMaker {
  #canvas = typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1);
  /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null} */
  #context = null;

  /** @param {number} side */
  sized(side) {
    if (this.#canvas.width !== side || this.#canvas.height !== side) {
      this.#canvas.width = side;
      this.#canvas.height = side;
    }
    // Every picture is read back, so it may as well be drawn where reading is cheap.
    this.#context ??= /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null} */ (
      this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true })
    );
    if (!this.#context) throw new Error("This browser gives no canvas to draw on.");
    this.#context.imageSmoothingQuality = "high";
    return this.#context;
  }

  /** @returns {Promise<Blob>} */
  toJpeg() {
    const canvas = this.#canvas;
    if ("convertToBlob" in canvas) return canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
    return new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error("The browser could not make a JPEG."))),
        "image/jpeg",
        JPEG_QUALITY,
      );
    });
  }
}

/** @param {string | null} wanted @returns {Promise<MediaStream>} */
async function open(wanted) {
  // Ideals, not demands: any camera is better than none.
  const ideals = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  if (wanted) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...ideals, deviceId: { exact: wanted } } });
    } catch (error) {
      // Else it is not there today, or cannot be opened: whoever had chosen it could choose no other any more.
      if (!(error instanceof Error) || REFUSALS.has(error.name)) throw error;
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...ideals, facingMode: "user" } });
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
