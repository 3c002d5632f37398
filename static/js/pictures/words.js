/**
 * What the page of pictures says of an answer, on its card, aloud and in the table: pure functions. This file never sees the page.
 *
 * @typedef {import("../types.d.ts").PictureAnswer} PictureAnswer
 *
 * @typedef {object} Row a line of the table: what became of one picture
 * @property {string} picture its name
 * @property {string} sign empty where there is none
 * @property {string} probability of that sign
 * @property {string} next the next likeliest
 * @property {string} hand
 * @property {string} note why there is no sign, or why not to rely on it
 * @property {string} model
 */

import { nameOf, percent } from "../words.js";

export const NO_HAND_ADVICE =
  "Show the whole hand with a little of the wrist, in good light, and larger in the picture. Then try again.";
const MOVEMENT_NOTE = "is drawn in the air: a picture can show one moment of it at most.";

/** The columns of the table, and of the file. @type {Record<keyof Row, string>} */
export const COLUMNS = {
  picture: "Picture",
  sign: "Sign",
  probability: "Probability",
  next: "Next likeliest",
  hand: "Hand",
  note: "Note",
  model: "Model",
};

/** From this probability on a sign has a bar. */
export const WORTH_A_BAR = 0.005;

/** A probability in whole percents, which calls nothing certain or impossible. @param {number} share */
export function shareWords(share) {
  if (share < WORTH_A_BAR) return "<1%";
  return share >= 0.995 ? ">99%" : percent(share);
}

/** Every sign, likeliest first. @param {PictureAnswer} answer @returns {[string, number][]} */
export function rankedSigns({ probabilities }) {
  return Object.entries(probabilities ?? {}).sort(([, a], [, b]) => b - a);
}

/** @param {PictureAnswer} answer @returns {"read" | "unsure" | "none"} */
export function stateOf({ sign, believed }) {
  if (sign === null) return "none";
  return believed ? "read" : "unsure";
}

/** @param {PictureAnswer} answer */
export function captionOf(answer) {
  if (answer.sign === null) return answer.reason?.code === "no_hand" ? "No hand found" : "A hand, but no sign";
  return `${answer.believed ? "Sure" : "Unsure"}: ${shareWords(answer.probabilities?.[answer.sign] ?? 0)}`;
}

/** What to do, or to mind, about an answer; empty where there is nothing. @param {PictureAnswer} answer */
export function noteOf({ sign, believed, reason }) {
  if (sign === null) return reason?.code === "no_hand" ? NO_HAND_ADVICE : "It is none of the signs that are looked for here.";
  if (sign === "J" || sign === "Z") return `${sign} ${MOVEMENT_NOTE}`;
  return believed ? "" : "Too unsure to be written while one spells.";
}

/** For a screen reader. @param {string} name @param {PictureAnswer} answer */
export function spokenOf(name, answer) {
  if (answer.sign === null) return `${name}: ${captionOf(answer).toLowerCase()}`;
  return `${name}: ${answer.believed ? "" : "perhaps "}${nameOf(answer.sign)}`;
}

/** @param {string} name @param {string} model @param {PictureAnswer} answer @returns {Row} */
export function rowOf(name, model, answer) {
  const next = rankedSigns(answer).find(([sign]) => sign !== answer.sign);
  return {
    picture: name,
    sign: answer.sign === null ? "" : nameOf(answer.sign),
    probability: answer.sign === null ? "" : shareWords(answer.probabilities?.[answer.sign] ?? 0),
    next: answer.sign === null || !next ? "" : `${nameOf(next[0])} ${shareWords(next[1])}`,
    hand: answer.hand ?? "",
    note: answer.sign === null ? captionOf(answer) : answer.believed ? "" : "unsure",
    model,
  };
}

/** The row of a picture that could not be read. @param {string} name @param {string} why @returns {Row} */
export function failedRow(name, why) {
  return { picture: name, sign: "", probability: "", next: "", hand: "", note: why, model: "" };
}

/** How the pictures fared, in a sentence. @param {Row[]} rows */
export function summaryWords(rows) {
  const signs = rows.filter(({ sign }) => sign).length;
  const unsure = rows.filter(({ note }) => note === "unsure").length;
  const words = `${rows.length} ${rows.length === 1 ? "picture" : "pictures"}: ${signs} with a sign`;
  return unsure ? `${words}, ${unsure} of them unsure` : words;
}

/** As a file that spreadsheets open. @param {Row[]} rows */
export function csvOf(rows) {
  return table(rows, ",", (cell) => `"${harmless(cell).replaceAll('"', '""')}"`);
}

/** As text that can be pasted into a spreadsheet. @param {Row[]} rows */
export function pastedOf(rows) {
  return table(rows, "\t", (cell) => harmless(cell.replace(/\s+/g, " ")));
}

/** @param {Row[]} rows @param {string} between @param {(cell: string) => string} write */
function table(rows, between, write) {
  const columns = /** @type {(keyof Row)[]} */ (Object.keys(COLUMNS));
  const lines = [columns.map((column) => COLUMNS[column]), ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(write).join(between)}\r\n`).join("");
}

/** A spreadsheet would run a cell that begins like a formula; file names are anybody's. @param {string} cell */
function harmless(cell) {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
