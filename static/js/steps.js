/**
 * Kept transcripts in words: what a step was, how sure it was, when it was. Pure: this file never sees the page.
 *
 * @typedef {import("./types.d.ts").Step} Step
 * @typedef {import("./types.d.ts").Transcript} Transcript
 */

import { lastWord, nameOf, percent } from "./words.js";

/** What the kinds of steps are called; the rest are edits, named after what they did. @type {Record<string, string>} */
const KINDS = {
  space: "Space, by hand",
  delete: "Deleted, by hand",
  clear: "Cleared: a new line",
  undo: "Undone",
  take: "Word taken",
  pause: "Space, after a pause",
  found: "Stood there already",
};

/** @param {Step} step @returns {string} */
export function whatOf(step) {
  if (step.sign === null) return KINDS[step.kind] ?? step.kind;
  return step.kind === "drawn" ? `${nameOf(step.sign)}, drawn in the air` : `${nameOf(step.sign)}, held`;
}

/**
 * How sure the reading was, and what else it might have been; of a word that was taken, what had been read.
 *
 * @param {Step} step
 * @param {string} before the text before it
 * @returns {string}
 */
export function whyOf(step, before) {
  if (step.kind === "take") return `${lastWord(step.text)}, in place of ${lastWord(before)}.`;
  if (step.confidence === null) return "";
  const others = step.candidates.filter(([sign, share]) => sign !== step.sign && share >= 0.005);
  const sure = `${percent(step.confidence)} sure.`;
  if (!others.length) return `${sure} Nothing else came near.`;
  return `${sure} It might have been ${others.map(([sign, share]) => `${nameOf(sign)} (${percent(share)})`).join(" or ")}.`;
}

/** How long a transcript took, in words; nothing where that is hardly any time. @param {Transcript} transcript @returns {string} */
function lengthOf(transcript) {
  const seconds = (Date.parse(transcript.ended) - Date.parse(transcript.started)) / 1000;
  if (seconds < 60) return "";
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? "1 minute" : minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

/** @param {Transcript} transcript @returns {string} */
export function factsOf(transcript) {
  return [lengthOf(transcript), transcript.models.join(" and ")].filter(Boolean).join(" · ");
}

/** When something was, in this browser's zone and words. @param {string} moment @param {Date} now @returns {string} */
export function whenOf(moment, now = new Date()) {
  const then = new Date(moment);
  /** @type {Intl.DateTimeFormatOptions} */
  const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  if (then.getFullYear() !== now.getFullYear()) parts.year = "numeric";
  return then.toLocaleString(undefined, parts);
}

/**
 * The moments between which a day lies in this browser's zone.
 *
 * @param {string} day as 2026-11-21
 * @returns {{since: string, until: string}}
 */
export function boundsOf(day) {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return { since: new Date(year, month - 1, date).toISOString(), until: new Date(year, month - 1, date + 1).toISOString() };
}
