/**
 * One picture's card: the picture with the hand that was found drawn over it, what was read, and every sign's probability. It
 * shows what it is told; its elements are those of the template `#picture`.
 *
 * @typedef {import("../types.d.ts").PictureAnswer} PictureAnswer
 * @typedef {import("../types.d.ts").PictureSize} PictureSize
 * @typedef {Pick<import("../tracker/messages.d.ts").Found, "landmarks" | "crop">} Outline
 * @typedef {"waiting" | "reading" | "read" | "unsure" | "none" | "failed"} CardState
 */

import { bonesPath, jointsPath, squarePath } from "../skeleton.js";
import { nameOf, reliabilityWords } from "../words.js";
import { captionOf, noteOf, rankedSigns, shareWords, stateOf, WORTH_A_BAR } from "./words.js";

const PROMINENT = 3;
const CROP_PX = 160;

export class Card {
  /** The list item to be put into the page. */
  element;
  #name;

  /**
   * @param {string} name
   * @param {string} address of the picture
   * @param {{onRemove: () => void, onRetry: () => void}} handlers
   */
  constructor(name, address, { onRemove, onRetry }) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("picture"));
    this.element = /** @type {HTMLElement} */ (template.content.cloneNode(true)).querySelector("li") ?? document.createElement("li");
    this.#name = name;
    this.#part("name").textContent = name;
    const image = this.#image;
    image.src = address;
    image.alt = name;
    image.addEventListener("load", () =>
      this.element.style.setProperty("--picture", String(image.naturalWidth / image.naturalHeight)),
    );
    image.addEventListener("error", () => this.element.classList.add("picture-unseen"));
    const remove = this.#part("remove");
    remove.setAttribute("aria-label", `Remove ${name}`);
    remove.addEventListener("click", onRemove);
    this.#part("retry").addEventListener("click", onRetry);
  }

  get waits() {
    return this.element.dataset["state"] === "waiting";
  }

  /** @param {string} caption what for */
  wait(caption) {
    this.#show("waiting", caption);
  }

  /** @param {string} caption */
  work(caption) {
    this.#show("reading", caption);
  }

  /** @param {string} why */
  fail(why) {
    this.#show("failed", "Not read", why);
  }

  /** What the tracker found, or the server did. @param {Outline} outline @param {PictureSize} size */
  outline({ landmarks, crop }, size) {
    const paths = { square: squarePath(crop, size), bones: bonesPath(landmarks), joints: jointsPath(landmarks) };
    for (const [name, path] of Object.entries(paths)) {
      for (const line of this.element.querySelectorAll(`.outline-${name}`)) line.setAttribute("d", path);
    }
    this.#image.alt = `${this.#name}, with the hand outlined`;
  }

  /** What was read of the picture. @param {CanvasImageSource} source @param {Outline["crop"]} crop in pixels of the source */
  showCrop(source, { left, top, side }) {
    const canvas = /** @type {HTMLCanvasElement} */ (this.#part("crop"));
    canvas.width = canvas.height = CROP_PX;
    canvas.getContext("2d")?.drawImage(source, left, top, side, side, 0, 0, CROP_PX, CROP_PX);
    canvas.hidden = false;
  }

  /** @param {PictureAnswer} answer */
  answer(answer) {
    this.#show(stateOf(answer), captionOf(answer), noteOf(answer));
    this.#part("sign").textContent = answer.sign === null ? "" : nameOf(answer.sign);
    this.#part("reliability").textContent = answer.reliability === null ? "" : reliabilityWords(answer.reliability);
    this.#part("hand").textContent = answer.hand === null ? "" : `${answer.hand === "left" ? "Left" : "Right"} hand`;
    const ranked = rankedSigns(answer);
    const bars = ranked.filter(([, share], at) => at < PROMINENT || share >= WORTH_A_BAR);
    this.#part("bars").replaceChildren(...bars.map(barOf));
    this.#part("rest").replaceChildren(...ranked.slice(bars.length).map(([sign]) => itemOf(nameOf(sign))));
    this.#part("rest-title").hidden = bars.length === ranked.length;
  }

  get focusable() {
    return this.#part("remove");
  }

  get #image() {
    return /** @type {HTMLImageElement} */ (this.#part("image"));
  }

  /** @param {CardState} state @param {string} caption @param {string} note */
  #show(state, caption, note = "") {
    this.element.dataset["state"] = state;
    this.#part("caption").textContent = caption;
    this.#part("note").textContent = note;
    for (const name of ["sign", "reliability", "hand"]) this.#part(name).textContent = "";
    for (const name of ["bars", "rest"]) this.#part(name).replaceChildren();
    this.#part("rest-title").hidden = true;
    this.#part("retry").hidden = state !== "failed";
  }

  /** @param {string} name */
  #part(name) {
    const found = this.element.querySelector(`.picture-${name}`);
    if (!(found instanceof HTMLElement)) throw new Error(`The card has no ${name}.`);
    return found;
  }
}

/** @param {[string, number]} sign and its probability */
function barOf([sign, share]) {
  const row = itemOf("");
  const [name, bar, figure] = ["share-sign", "share-bar", "share-words"].map((kind) => {
    const part = document.createElement("span");
    part.className = kind;
    row.append(part);
    return part;
  });
  if (name) name.textContent = nameOf(sign);
  if (figure) figure.textContent = shareWords(share);
  bar?.style.setProperty("--share", String(share));
  return row;
}

/** @param {string} words */
function itemOf(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
