/**
 * The place before the camera, the same on every page that has one: the preview and the button that starts it, the hand
 * finder with its skeleton, or the guide box where it does not work. It says what the newest picture shows; what becomes of
 * that is for the page. Its elements are those of templates/station.html.
 *
 * @typedef {import("./types.d.ts").Advice} Advice
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {import("./types.d.ts").Notice} Notice
 * @typedef {import("./types.d.ts").Seen} Seen
 * @typedef {"off" | "starting" | "on" | "paused" | "failed"} CameraState
 *
 * @typedef {object} Handlers
 * @property {(capture: (() => Promise<Seen | null>) | null) => void} onCapture says how pictures are to be had from now on, and
 *   that there are none any more
 * @property {(t: number) => void} onFrame a new picture can be captured, which came then, in milliseconds of performance.now()
 * @property {(state: CameraState, trouble: string | null) => void} onCamera `trouble` says in a few words why it failed
 * @property {(hand: Hand) => void} onHand another hand was found than the one before
 * @property {(topic: "edit" | "finder", notice: Notice | null, seconds?: number) => void} notice
 */

import { Absence } from "./absence.js";
import { browserOf } from "./browser.js";
import { Camera, SENT_PX } from "./camera.js";
import { element } from "./element.js";
import { Finder } from "./finder.js";
import { cropOf, Guide, isBox } from "./guide.js";
import { recall, remember } from "./memory.js";
import { cropInHeights, Skeleton } from "./skeleton.js";
import { cameraAdvice, percent } from "./words.js";

/** A hand that is away between two letters is no news. */
const NO_HAND_MS = 1500;

/** @param {string} id */
const html = (id) => element(id, HTMLElement);

export class Station {
  #handlers;
  #video = element("video", HTMLVideoElement);
  #camera;
  #guide;
  #finder = new Finder(SENT_PX, (state, why) => this.#finderBecame(state, why), (share) => this.#showLoaded(share));
  #skeleton = new Skeleton(element("skeleton", SVGElement));
  #absence = new Absence();
  /** Rises whenever the hand is forgotten, so that what a look under way then will see is forgotten, too. */
  #generation = 0;
  #noHandTimer = 0;
  /** @type {Hand | null} */
  #foundHand = null;
  #title = [...html("invitation-title").childNodes];

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#camera = new Camera(
      this.#video,
      (t) => {
        if (!document.hidden) handlers.onFrame(t);
      },
      () => {
        this.stop();
        this.#show("failed", cameraAdvice("Ended"));
      },
    );
    const stored = recall("box");
    this.#guide = new Guide(html("stage"), html("guide"), isBox(stored) ? stored : null, (box) => remember("box", box));
    this.#listen();
    this.#showFinder();
  }

  /** To be called once the page is ready to be told: whether there can be a camera at all. */
  open() {
    if (window.isSecureContext) this.#show("off");
    else this.#show("failed", cameraAdvice("Insecure"));
  }

  get running() {
    return this.#camera.running;
  }

  /** Whether hands are found by themselves, and no box is in use. */
  get finding() {
    return this.#finder.state === "on";
  }

  toggle() {
    if (html("board").dataset["camera"] === "starting") return;
    if (!this.#camera.running) {
      this.#start();
      return;
    }
    this.stop();
    html("start").focus({ preventScroll: true });
  }

  stop() {
    this.#handlers.onCapture(null);
    this.#finder.stop();
    this.#camera.stop();
    this.#show("off");
  }

  /** Forgets the hand that was seen: nobody looks for a while. */
  forgetHand() {
    this.#generation += 1;
    this.#absence.end();
    this.#skeleton.clear();
    this.#showHand(null);
  }

  toggleFinder() {
    const { notice } = this.#handlers;
    if (!this.#camera.running) {
      notice("edit", { tone: "calm", text: "Start the camera first: the hand finder runs while it does." }, 5);
      return;
    }
    const wanted = this.#finder.state === "off";
    remember("find-hand", wanted ? null : false);
    if (wanted) {
      this.#finder.start();
      return;
    }
    this.#finder.stop();
    notice("finder", { tone: "calm", text: "The hand finder is off. Hold your hand in the box." }, 8);
  }

  focusGuide() {
    this.#inBox(() => html("guide").focus({ preventScroll: true }));
  }

  resetGuide() {
    this.#inBox(() => this.#guide.reset());
  }

  /** Which hand the box is placed for. @param {Hand} hand */
  setHand(hand) {
    this.#guide.setHand(hand);
  }

  #listen() {
    element("start", HTMLButtonElement).addEventListener("click", () => this.toggle());
    element("stop", HTMLButtonElement).addEventListener("click", () => this.toggle());
    element("find", HTMLButtonElement).addEventListener("click", () => this.toggleFinder());
    element("reset", HTMLButtonElement).addEventListener("click", () => this.resetGuide());
    element("smaller", HTMLButtonElement).addEventListener("click", () => this.#guide.grow(-1));
    element("larger", HTMLButtonElement).addEventListener("click", () => this.#guide.grow(1));
    const devices = element("camera-device", HTMLSelectElement);
    devices.addEventListener("change", () => this.#change(devices.value));
    this.#video.addEventListener("resize", () => this.#fit()); // a telephone that was turned gives another picture
    document.addEventListener("visibilitychange", () => this.#showRunning());
    addEventListener("pagehide", () => this.stop());
  }

  /* The camera */

  async #start() {
    this.#show("starting");
    if (recall("find-hand") !== false) this.#finder.start();
    this.#finder.reset();
    try {
      const wanted = recall("camera");
      if (!(await this.#camera.start(typeof wanted === "string" ? wanted : null))) return;
    } catch (error) {
      this.stop();
      this.#show("failed", cameraAdvice(error instanceof Error ? error.name : String(error)));
      html("start").focus();
      return;
    }
    this.#fit();
    this.#handlers.onCapture(() => this.#capture());
    this.#showRunning();
    this.#focusPreview();
    this.#showCameras(await this.#camera.devices());
  }

  /** @param {string} device */
  #change(device) {
    remember("camera", device);
    this.#handlers.onCapture(null);
    this.#camera.stop();
    this.forgetHand();
    this.#start();
  }

  /** The button that was pressed is gone; the box is what one wants to touch next, and Space is free to be a space. */
  #focusPreview() {
    html(this.finding ? "stage" : "guide").focus({ preventScroll: true });
  }

  #fit() {
    const { picture } = this.#camera;
    if (!picture.width) return;
    html("board").style.setProperty("--picture", String(picture.width / picture.height));
    this.#guide.fitTo(picture);
  }

  /** A hidden tab neither sends nor, where the browser obeys, looks. */
  #showRunning() {
    if (!this.#camera.running) return;
    this.#camera.look(!document.hidden);
    if (document.hidden) {
      this.#finder.reset();
      this.forgetHand();
    }
    this.#show(document.hidden ? "paused" : "on");
  }

  /** @param {CameraState} state @param {Advice | null} advice what to do about a failure */
  #show(state, advice = null) {
    html("board").dataset["camera"] = state;
    html("invitation-title").replaceChildren(...(advice ? [advice.title] : this.#title));
    html("advice").textContent = advice?.text ?? "";
    showHelp(advice?.trouble ?? null);
    html("start-label").textContent = state === "starting" ? "Waiting for the camera…" : "Start camera";
    element("start", HTMLButtonElement).disabled = state === "starting";
    this.#handlers.onCamera(state, advice?.title ?? null);
  }

  /** A machine with one camera has nothing to choose. @param {import("./camera.js").Device[]} devices */
  #showCameras(devices) {
    const choice = element("camera-device", HTMLSelectElement);
    choice.hidden = devices.length < 2;
    choice.replaceChildren(...devices.map(({ id, name, chosen }) => new Option(name, id, chosen, chosen)));
  }

  /* Finding the hand */

  /** What the newest picture shows, for the server. @returns {Promise<Seen | null>} */
  async #capture() {
    const { picture } = this.#camera;
    if (!this.finding) return { jpeg: await this.#camera.jpegOf(cropOf(this.#guide.box, picture)) };
    const now = performance.now();
    if (!this.#absence.looks(now)) return null;
    const generation = this.#generation;
    const found = await this.#finder.look(this.#video);
    if (found === undefined || generation !== this.#generation) return null;
    if (!found?.jpeg) {
      this.#skeleton.clear();
      this.#showHand("none");
      return this.#absence.tells(now) ? { nothing: true } : null;
    }
    this.#absence.end();
    this.#skeleton.draw(found, picture);
    this.#showHand(found.hand);
    const { jpeg, hand, crop, crop_landmarks: landmarks } = found;
    return { jpeg, landmarks, hand, crop: cropInHeights(crop, picture) };
  }

  /** @param {import("./finder.js").FinderState} state @param {string | null} why */
  #finderBecame(state, why) {
    const { notice } = this.#handlers;
    const focused = document.activeElement === html(state === "on" ? "guide" : "stage");
    this.#showFinder();
    this.forgetHand();
    if (focused && this.#camera.running) this.#focusPreview(); // what had the focus is out of use
    if (why) notice("finder", { tone: "calm", text: `${why} Hold it in the box instead.` }, 15);
    else if (state === "loading") notice("finder", { tone: "calm", text: "Loading the hand finder. Until then, hold your hand in the box." });
    else if (state === "on") notice("finder", { tone: "good", text: "Hold your hand anywhere in view." }, 6);
    else notice("finder", null);
  }

  /** Seen only: what is spoken says that it loads, and when it is done. @param {number} share */
  #showLoaded(share) {
    html("find-loaded").textContent = this.#finder.state === "loading" ? ` ${percent(share)}` : "";
  }

  #showFinder() {
    this.#showLoaded(0);
    document.documentElement.dataset["finder"] = this.#finder.state;
    html("find").setAttribute("aria-checked", String(this.#finder.state !== "off"));
    html("privacy-short").textContent = this.finding
      ? "Only the square and the hand’s joints are sent. No picture is kept."
      : "Only the box is sent. No picture is kept.";
    this.#showHand(null);
  }

  /** Which hand was found: null for none that should be missed. @param {Hand | "none" | null} hand */
  #showHand(hand) {
    const found = document.getElementById("hand-found"); // where a page says which
    if (found) found.textContent = hand === "left" || hand === "right" ? hand : "either";
    if (hand && hand !== "none" && hand !== this.#foundHand) this.#handlers.onHand((this.#foundHand = hand));
    if (hand !== "none") {
      clearTimeout(this.#noHandTimer);
      this.#noHandTimer = 0;
      html("no-hand").textContent = "";
    } else if (!this.#noHandTimer) {
      this.#noHandTimer = window.setTimeout(() => (html("no-hand").textContent = "No hand in view"), NO_HAND_MS);
    }
  }

  /** Does what concerns the box, where there is one. @param {() => void} act */
  #inBox(act) {
    if (!this.finding) act();
    else this.#handlers.notice("edit", { tone: "calm", text: "There is no box while your hand is found automatically. F brings it back." }, 5);
  }
}

/** Shows the drawing of what to do about a camera that does not start, where there is one. @param {Advice["trouble"]} trouble */
function showHelp(trouble) {
  const { brand, device } = browserOf(navigator.userAgent, navigator.maxTouchPoints);
  const own = `${brand} ${device}`;
  let shown = false;
  for (const one of html("camera-help").querySelectorAll("div")) {
    one.hidden = one.dataset["trouble"] !== trouble || (one.dataset["browser"] ?? own) !== own;
    shown ||= !one.hidden;
  }
  html("camera-help").hidden = !shown;
}
