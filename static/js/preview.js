/**
 * What the page shows of hand and guess, for whoever draws it once more: a recording draws it all in. This file reads the page and writes nothing.
 *
 * @typedef {import("./types.d.ts").Extent} Extent
 */

import { element } from "./element.js";

/** The numbers of an SVG path's description. @param {string} id @returns {number[]} */
function numbers(id) {
  const description = element(id, SVGPathElement).getAttribute("d") ?? "";
  return (description.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
}

/** The square round the hand that was found, in fractions of the unmirrored picture. @returns {Extent | null} */
export function squareShown() {
  const [left, top, width, height] = numbers("square");
  return left === undefined || top === undefined || !width || !height ? null : { left, top, width, height };
}

/** The guide box, in fractions of the unmirrored picture; null where hands are found without it. @returns {Extent | null} */
export function boxShown() {
  if (document.documentElement.dataset["finder"] === "on") return null;
  const { boxLeft, boxTop, boxWidth, boxHeight } = element("guide", HTMLElement).dataset;
  return { left: Number(boxLeft), top: Number(boxTop), width: Number(boxWidth), height: Number(boxHeight) };
}

/** The skeleton: its bones as an SVG path and its joints, in fractions of the unmirrored picture. */
export function skeletonShown() {
  const across = numbers("joints"); // x, y and a line of no length for each joint
  const joints = Array.from({ length: across.length / 3 }, (_, at) => ({ x: across[3 * at] ?? 0, y: across[3 * at + 1] ?? 0 }));
  return { bones: element("bones", SVGPathElement).getAttribute("d") ?? "", joints };
}

/** The live guess: its state as templates/index.html names them, the sign, and how far it has been held, from 0 to 1. */
export function guessShown() {
  const state = element("reading", HTMLElement).dataset["state"] ?? "off";
  const left = parseFloat(element("progress", SVGElement).style.strokeDashoffset || "100");
  return { state, sign: element("sign", HTMLElement).textContent, progress: 1 - left / 100, words: element("caption", HTMLElement).textContent };
}
