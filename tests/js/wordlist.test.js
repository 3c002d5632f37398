import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { countWords, LONGEST_WORD, MOST_WORDS, problemOf, wordsOf } from "../../static/js/wordlist.js";

test("words stand on lines, or between commas, semicolons or spaces, each once", () => {
  assert.deepEqual(wordsOf("Zoe\nphloem, XYLEM;ice cream\r\n\n zoe ,").words, ["ZOE", "PHLOEM", "XYLEM", "ICE", "CREAM"]);
  assert.deepEqual(wordsOf("  \n , ").words, []);
});

test("accents, apostrophes, hyphens and full stops are not spelled", () => {
  assert.deepEqual(wordsOf("José O’Brien O'Neil Jean-Luc “Éloïse” Dr.").words, ["JOSE", "OBRIEN", "ONEIL", "JEANLUC", "ELOISE", "DR"]);
});

test("what cannot be spelled is left out and named", () => {
  const list = wordsOf(`cat 2x4 Ωmega ${"a".repeat(LONGEST_WORD + 1)} straße @home`);
  assert.deepEqual(list.words, ["CAT", "STRASSE"]);
  assert.equal(
    problemOf(list),
    "Left out: “2x4”, “Ωmega”, “aaaaaaaaaaaaaaa…” and 1 more; only letters from A to Z can be spelled, at most 40 a word.",
  );
  assert.equal(problemOf(wordsOf("cat dog")), null);
  assert.match(problemOf(wordsOf("2x4")) ?? "", /there is no word of letters/);
});

test("a list has a bound, and says so", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const many = Array.from({ length: MOST_WORDS + 3 }, (_, at) => [26 ** 2, 26, 1].map((power) => letters[Math.floor(at / power) % 26]).join(""));
  const list = wordsOf(many.join("\n"));
  assert.equal(list.words.length, MOST_WORDS);
  assert.equal(problemOf(list), "A list may have 2,000 words: the last 3 are left out.");
});

test("the bounds are the server's", () => {
  const protocol = readFileSync(new URL("../../webapp/core/protocol.py", import.meta.url), "utf8");
  assert.match(protocol, new RegExp(`MOST_WORDS = ${MOST_WORDS}\\b`));
  assert.match(protocol, new RegExp(`LONGEST_WORD = ${LONGEST_WORD}\\b`));
});

test("words are counted as one says it", () => {
  assert.deepEqual([0, 1, 2, 2000].map(countWords), ["0 words", "1 word", "2 words", "2,000 words"]);
});
