/**
 * What to tell someone who practises a sign: pure functions from a reading to words. This file never sees the page.
 *
 * @typedef {import("./types.d.ts").Reading} Reading
 *
 * @typedef {{how: string, instead: Record<string, string>}} Sign how it is made, and what to change where it is taken for another
 * @typedef {"none" | "unsure" | "right" | "wrong" | "lift" | "draw"} Kind `none`: no hand; `unsure`: no sign believed; `right`: the target, on its
 *   way; `wrong`: another sign; `lift`: the target, but the one from before; `draw`: the hand of a sign that is drawn
 *
 * @typedef {object} Feedback
 * @property {Kind} kind
 * @property {string} title what is seen, in a few words
 * @property {string} advice what to do
 */

import { nameOf } from "./words.js";

/** Signs that are drawn in the air, and the hands that they begin with. @type {Record<string, string[]>} */
const DRAWN = { J: ["I"], Z: ["D", "1"] };
/** Of two signs that a frame wavers between, the second has at least this share. */
const RIVAL_SHARE = 0.2;

/** The model that reads a sign. @param {string} sign @returns {"letters" | "digits"} */
export function modelOf(sign) {
  return /^\d$/.test(sign) ? "digits" : "letters";
}

/**
 * @param {Reading} reading that did not find the target
 * @param {string} target
 * @param {Record<string, Sign>} signs
 * @returns {Feedback}
 */
export function feedbackOn(reading, target, signs) {
  const { sign, top, progress } = reading;
  if (sign === "nothing" || (sign === null && top[0]?.[0] === "nothing")) {
    return { kind: "none", title: "No hand in view", advice: "Hold up your hand before the camera." };
  }
  if (sign === null) return unsure(top, target, signs);
  if (sign === target && progress >= 1) {
    return { kind: "lift", title: `${nameOf(target)} again`, advice: "Lift your hand, or bounce it a little, and sign it once more." };
  }
  if (sign === target) return { kind: "right", title: `That is ${nameOf(target)}`, advice: "Hold it a bit longer." };
  const kind = DRAWN[target]?.includes(sign) ? "draw" : "wrong";
  return { kind, title: kind === "draw" ? "The hand is right" : `Looks like ${nameOf(sign)}`, advice: adviceFor(target, sign, signs) };
}

/**
 * @param {string} target
 * @param {string} taken the sign that it was taken for
 * @param {Record<string, Sign>} signs
 */
export function adviceFor(target, taken, signs) {
  return signs[target]?.instead[taken] ?? howOf(target, signs);
}

/**
 * The signs that the reader itself takes for the target's neighbours, likeliest first, with what to mind.
 *
 * @param {string} target
 * @param {[string, number][]} confusions of the target, on people whom the model had never seen
 * @param {Record<string, Sign>} signs
 * @returns {{sign: string, share: number, advice: string}[]}
 */
export function pitfalls(target, confusions, signs) {
  return confusions
    .filter(([taken]) => signs[target]?.instead[taken])
    .map(([taken, share]) => ({ sign: taken, share, advice: adviceFor(target, taken, signs) }));
}

/** @param {[string, number][]} top @param {string} target @param {Record<string, Sign>} signs @returns {Feedback} */
function unsure(top, target, signs) {
  const likely = top.filter(([sign, share]) => sign !== "nothing" && share >= RIVAL_SHARE).map(([sign]) => sign);
  const rival = likely.find((sign) => sign !== target);
  if (likely.includes(target)) {
    return rival === undefined
      ? { kind: "unsure", title: "Nearly", advice: "Hold still, and show the hand as the drawing does." }
      : { kind: "unsure", title: `Between ${nameOf(target)} and ${nameOf(rival)}`, advice: adviceFor(target, rival, signs) };
  }
  return { kind: "unsure", title: "Not sure yet", advice: howOf(target, signs) };
}

/** @param {string} target @param {Record<string, Sign>} signs */
function howOf(target, signs) {
  const how = signs[target]?.how ?? "";
  return `For ${target}: ${how.charAt(0).toLowerCase()}${how.slice(1)}`;
}
