/**
 * Which way a drawn hand is shown. The drawings are right hands as one sees somebody who signs to one; a left hand is their
 * mirror image, and so is a right hand in the mirror. Pure.
 *
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {"facing" | "mirror"} Side from where the hand is seen
 */

/** Whether the drawing is to be turned over. @param {Hand} hand @param {Side} side */
export function mirrored(hand, side) {
  return (hand === "left") !== (side === "mirror");
}

/** @param {Hand} hand @param {Side} side */
export function viewWords(hand, side) {
  return side === "facing"
    ? `A ${hand} hand, as you see someone who signs to you.`
    : `Your ${hand} hand, as you see it in a mirror or in the preview.`;
}
