/** A person's own list of words, as it is pasted or read from a file. Pure: this file never sees the page. */

/** As the server has it: webapp/core/protocol.py. */
export const MOST_WORDS = 2000;
export const LONGEST_WORD = 40;

/**
 * @typedef {object} WordList
 * @property {string[]} words in capitals, each once, in the order of the list
 * @property {string[]} leftOut what is no word that can be spelled, as it was given
 * @property {number} tooMany how many more words there were than a list may have
 */

/**
 * Words stand on lines of their own, or between commas, semicolons or spaces. Accents, apostrophes and hyphens are not spelled.
 *
 * @param {string} text
 * @returns {WordList}
 */
export function wordsOf(text) {
  const given = text.split(/[\s,;]+/).filter((piece) => piece !== "");
  const read = given.map((piece) => ({ piece, word: spelled(piece) }));
  const good = new Set(read.flatMap(({ word }) => (/^[A-Z]+$/.test(word) && word.length <= LONGEST_WORD ? [word] : [])));
  return {
    words: [...good].slice(0, MOST_WORDS),
    leftOut: read.filter(({ word }) => !good.has(word)).map(({ piece }) => piece),
    tooMany: Math.max(0, good.size - MOST_WORDS),
  };
}

/** @param {string} piece */
function spelled(piece) {
  return piece
    .normalize("NFD")
    .replace(/[\p{M}'’‘\-‐‑"“”.!?:()]/gu, "")
    .toUpperCase();
}

/**
 * What is wrong with a list, in a sentence, or null.
 *
 * @param {WordList} list
 */
export function problemOf({ words, leftOut, tooMany }) {
  if (tooMany) return `A list may have ${MOST_WORDS.toLocaleString("en-GB")} words: the last ${tooMany.toLocaleString("en-GB")} are left out.`;
  if (!leftOut.length) return null;
  const shown = leftOut.slice(0, 3).map((piece) => `“${piece.length > 16 ? `${piece.slice(0, 15)}…` : piece}”`);
  const more = leftOut.length - shown.length;
  const names = `${shown.join(", ")}${more ? ` and ${more} more` : ""}`;
  const why = words.length ? `only letters from A to Z can be spelled, at most ${LONGEST_WORD} a word` : "there is no word of letters from A to Z";
  return `Left out: ${names}; ${why}.`;
}

/** @param {number} count */
export function countWords(count) {
  return count === 1 ? "1 word" : `${count.toLocaleString("en-GB")} words`;
}
