/**
 * How well someone knows each sign, as far as this machine has seen: pure functions over what memory.js keeps.
 *
 * @typedef {{found: number, clean: number}} Known how often a sign was found, and how often of these without a mistake or help
 * @typedef {Record<string, Known>} Progress by sign
 */

/** So many clean ones, of so many lately, and a sign is known. */
const KNOWN_CLEAN = 3;
/** Old ones fade: what counts is how it goes now. */
const REMEMBERED = 8;

/** What is stored, where it is what it should be. @param {unknown} stored @returns {Progress} */
export function progressFrom(stored) {
  if (typeof stored !== "object" || stored === null) return {};
  /** @type {Progress} */
  const progress = {};
  for (const [sign, known] of Object.entries(stored)) {
    const { found, clean } = /** @type {Partial<Known>} */ (known ?? {});
    if (Number.isFinite(found) && Number.isFinite(clean)) progress[sign] = { found: Number(found), clean: Number(clean) };
  }
  return progress;
}

/** @param {Progress} progress @param {string} sign @param {boolean} clean @returns {Progress} */
export function withTry(progress, sign, clean) {
  const before = progress[sign] ?? { found: 0, clean: 0 };
  const fade = before.found >= REMEMBERED ? (REMEMBERED - 1) / before.found : 1;
  return { ...progress, [sign]: { found: before.found * fade + 1, clean: before.clean * fade + (clean ? 1 : 0) } };
}

/** @param {Progress} progress @param {string} sign @returns {"new" | "begun" | "known"} */
export function stageOf(progress, sign) {
  const known = progress[sign];
  if (!known) return "new";
  return known.clean >= KNOWN_CLEAN && known.clean >= known.found * 0.6 ? "known" : "begun";
}
