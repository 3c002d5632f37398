/**
 * Recording what the preview shows: the button, the sign that it is going on, and the dialog in which the person looks at the film
 * and saves it. Nothing is sent anywhere. Its elements are those of templates/recording.html and the page's Record button.
 *
 * @typedef {import("./types.d.ts").Notice} Notice
 * @typedef {import("./recorder.js").Film} Film
 */

import { watchFrames } from "./camera.js";
import { Composite } from "./composite.js";
import { element } from "./element.js";
import { LONGEST_SECONDS, PICTURES_A_SECOND, Recorder, recordingType } from "./recorder.js";
import { clock } from "./words.js";

const WARNING_SECONDS = 60;
/** Between two pictures of the film; a little less, so that every second one of a camera's thirty a second is taken. */
const PICTURE_MS = 1000 / PICTURES_A_SECOND - 10;

export class Recording {
  #notice;
  #text;
  #type = recordingType();
  #video = element("video", HTMLVideoElement);
  #button = element("record", HTMLButtonElement);
  #dialog = element("recording", HTMLDialogElement);
  #badge = badge();
  #recorder = new Recorder(
    (seconds) => this.#tick(seconds),
    (film) => this.#hold(film),
  );
  /** @type {Film | null} */
  #film = null;
  #saved = false;
  /** Whether the person ended it, and waits for the film. */
  #asked = false;

  /**
   * @param {(notice: Notice | null, seconds?: number) => void} notice
   * @param {() => string} text what the captions say
   */
  constructor(notice, text) {
    this.#notice = notice;
    this.#text = text;
    this.#button.hidden = this.#type === null;
    if (this.#type === null) element("record-help", HTMLElement).textContent = "Record (this browser cannot)";
    element("stage", HTMLElement).append(this.#badge);
    this.#listen();
    this.#show();
  }

  /** Starts, ends, or shows the film that is not saved yet. */
  toggle() {
    if (this.#type === null) {
      this.#notice({ tone: "warn", text: "This browser cannot record. A current Chrome, Edge, Firefox or Safari can." }, 8);
    } else if (this.#recorder.recording) {
      this.#asked = true;
      this.#recorder.stop();
    } else if (this.#film) {
      this.#dialog.showModal();
    } else if (!this.#video.videoWidth) {
      this.#notice({ tone: "calm", text: "Start the camera first: a recording shows its picture, the guess and the text." }, 6);
    } else {
      this.#start(this.#type);
    }
  }

  /** @param {import("./station.js").CameraState} state */
  camera(state) {
    if (state === "on") this.#recorder.resume();
    else if (state === "paused") this.#recorder.pause();
    else if (state !== "starting") this.#recorder.stop(); // else another camera was chosen, and the recording goes on with it
  }

  /** @param {string} type */
  #start(type) {
    try {
      const composite = new Composite(this.#video);
      composite.paint(this.#text());
      this.#recorder.start(composite.canvas, type);
      let painted = performance.now();
      watchFrames(
        this.#video,
        () => this.#recorder.recording,
        () => {
          if (performance.now() - painted < PICTURE_MS) return;
          painted = performance.now();
          composite.paint(this.#text());
        },
      );
    } catch (error) {
      this.#notice({ tone: "bad", text: `The browser could not record: ${error instanceof Error ? error.message : error}` }, 8);
      return;
    }
    const longest = LONGEST_SECONDS / 60;
    this.#notice({ tone: "calm", text: `Recording without sound, ${longest} minutes at most, on this machine only.` }, 8);
    this.#show();
  }

  /** @param {number} seconds */
  #tick(seconds) {
    this.#badge.lastChild?.replaceWith(`Recording ${clock(seconds)}`);
    const left = LONGEST_SECONDS - seconds;
    if (left === WARNING_SECONDS) this.#notice({ tone: "warn", text: "The recording ends in a minute. It can be saved then." }, 10);
  }

  /** @param {Film} film */
  #hold(film) {
    this.#show();
    if (!film.blob.size) {
      this.#notice({ tone: "warn", text: "The recording was too short: there is no picture in it." }, 6);
      return;
    }
    this.#film = film;
    this.#saved = false;
    const megabytes = Math.max(0.1, film.blob.size / 1e6).toFixed(1);
    element("recording-facts", HTMLElement).textContent = `${clock(film.seconds)} long, ${megabytes} MB, without sound.`;
    element("recording-state", HTMLElement).textContent = "It is in this page’s memory only, until you save it.";
    const address = URL.createObjectURL(film.blob);
    element("recording-film", HTMLVideoElement).src = address;
    const save = element("recording-save", HTMLAnchorElement);
    save.href = address;
    save.download = film.name;
    this.#show();
    if (this.#asked) this.#dialog.showModal();
    else this.#offer("The recording has ended.");
    this.#asked = false;
  }

  #forget() {
    this.#dialog.close();
    if (!this.#film) return;
    URL.revokeObjectURL(element("recording-film", HTMLVideoElement).src);
    element("recording-film", HTMLVideoElement).removeAttribute("src");
    element("recording-save", HTMLAnchorElement).removeAttribute("href");
    this.#film = null;
    this.#notice(null);
    this.#show();
  }

  /** @param {string} words */
  #offer(words) {
    this.#notice({ tone: "warn", text: `${words} It is not saved yet.`, action: { label: "Save it", run: () => this.#dialog.showModal() } });
  }

  #listen() {
    element("recording-save", HTMLAnchorElement).addEventListener("click", () => {
      this.#saved = true;
      element("recording-state", HTMLElement).textContent = `Saved as ${this.#film?.name}: look among your downloads. Once this is closed, the page forgets it.`;
    });
    element("recording-discard", HTMLButtonElement).addEventListener("click", () => this.#forget());
    this.#dialog.addEventListener("close", () => {
      if (this.#saved) this.#forget();
      else if (this.#film) this.#offer("Your recording waits here.");
    });
    addEventListener("beforeunload", (event) => {
      if (this.#recorder.recording || (this.#film && !this.#saved)) event.preventDefault(); // the browser asks
    });
  }

  #show() {
    const { recording } = this.#recorder;
    const [icon, label, more] = recording
      ? ["#i-stop", "Finish", " the recording"]
      : this.#film
        ? ["#i-save", "Save", " the recording"]
        : ["#i-record", "Record", " the picture and text"];
    this.#button.dataset["recording"] = String(recording);
    element("record-icon", SVGUseElement).setAttribute("href", icon);
    element("record-label", HTMLElement).textContent = label;
    element("record-more", HTMLElement).textContent = more;
    this.#badge.hidden = !recording;
  }
}

/** A red dot and words; the time is no news for screen readers, which have been told that it began. */
function badge() {
  const made = document.createElement("p");
  made.className = "recording-badge";
  made.setAttribute("aria-hidden", "true");
  made.append(document.createElement("i"), "");
  return made;
}
