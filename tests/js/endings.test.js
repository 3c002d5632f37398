import assert from "node:assert/strict";
import { test } from "node:test";
import { Endings } from "../../static/js/endings.js";

/**
 * What is spoken of a text that changes step by step; a step is a text, or `cause: text`.
 *
 * @param {...string} steps
 */
function spoken(...steps) {
  const endings = new Endings();
  return steps.flatMap((step) => {
    const [, cause = "written", text = ""] = /^(?:(written|corrected|restored): )?(.*)$/s.exec(step) ?? [];
    return endings.step(text, /** @type {import("../../static/js/endings.js").Cause} */ (cause)) ?? [];
  });
}

test("a word is spoken when it ends, and not before", () => {
  assert.deepEqual(spoken("", "H", "HI", "HI ", "HI Y", "HI YO", "HI YOU", "HI YOU "), ["HI", "YOU"]);
});

test("two spaces end one word, and spaces alone end none", () => {
  assert.deepEqual(spoken(" ", "  ", "  A", "  A ", "  A  "), ["A"]);
});

test("the same word again is spoken again", () => {
  assert.deepEqual(spoken("NO", "NO ", "NO NO", "NO NO "), ["NO", "NO"]);
});

test("a space that is deleted and written again speaks nothing", () => {
  assert.deepEqual(spoken("HI ", "HI", "HI "), ["HI"]);
  assert.deepEqual(spoken("HI ", "HI", "H", "HI", "HI "), ["HI"]);
});

test("a word that was deleted and spelled otherwise is spoken", () => {
  assert.deepEqual(spoken("HELO ", "HELO", "HEL", "HELP", "HELP "), ["HELO", "HELP"]);
});

test("a word that has been spoken and is put right by a proposal is not spoken again, nor is the raw one when that is undone", () => {
  assert.deepEqual(spoken("HELO ", "corrected: HELLO ", "restored: HELO ", "HELO X", "HELO XY "), ["HELO", "XY"]);
  assert.deepEqual(spoken("HELO ", "corrected: HELLO", "HELLO "), ["HELO"]);
  assert.deepEqual(spoken("HELO ", "corrected: HELLO ", "restored: HELO", "HELO "), ["HELO"]);
});

test("a word that a proposal ends is spoken as it was proposed", () => {
  assert.deepEqual(spoken("HEL", "corrected: HELLO "), ["HELLO"]);
  assert.deepEqual(spoken("HEL", "corrected: HELLO", "HELLO "), ["HELLO"]);
});

test("what an undo brings back has been spoken", () => {
  assert.deepEqual(spoken("HI YOU ", "", "restored: HI YOU ", "HI YOU", "HI YOU "), ["YOU"]);
  assert.deepEqual(spoken("HI ", "restored: HI", "restored: H", "HI", "HI "), ["HI"]);
});

test("after clearing, words are new", () => {
  assert.deepEqual(spoken("HI ", "", "HI", "HI "), ["HI", "HI"]);
});

test("a text that was there when the page came is not read out", () => {
  assert.deepEqual(spoken("restored: HI YOU ", "HI YOU A", "HI YOU A "), ["A"]);
});
