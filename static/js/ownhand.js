/**
 * Which hand the person at this machine signs with: as it was last found or chosen, on any page, and remembered for all of them.
 *
 * @typedef {import("./types.d.ts").Hand} Hand
 */

import { recall, remember } from "./memory.js";

/** @returns {Hand} */
export function ownHand() {
  return recall("hand") === "left" ? "left" : "right";
}

/** @param {Hand} hand */
export function rememberHand(hand) {
  if (hand !== ownHand()) remember("hand", hand);
}
