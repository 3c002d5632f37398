import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraAdvice, candidatesOf, lastWord, nameOf, percent, proposedFor, reliabilityWords, roomLeft, speakable, spokenFor, stateOf } from "../../static/js/words.js";

/** @param {Partial<import("../../static/js/types.d.ts").Reading>} more @returns {import("../../static/js/types.d.ts").Reading} */
const reading = (more) => ({
  seq: 1,
  sign: null,
  confidence: 0.5,
  top: [["nothing", 0.9], ["A", 0.06], ["S", 0.02]],
  progress: 0,
  committed: null,
  text: "",
  ...more,
});

test("a reading is no hand, unsure, held or spent", () => {
  assert.equal(stateOf(reading({})), "none");
  assert.equal(stateOf(reading({ sign: "nothing" })), "none");
  assert.equal(stateOf(reading({ top: [["M", 0.4], ["N", 0.3], ["nothing", 0.1]] })), "unsure");
  assert.equal(stateOf(reading({ sign: "A", progress: 0.99 })), "held");
  assert.equal(stateOf(reading({ sign: "A", progress: 1 })), "spent");
});

test("the believed sign leads the candidates, and is not listed twice", () => {
  const odd = reading({ sign: "A", confidence: 0.8, top: [["S", 0.5], ["A", 0.4], ["E", 0.05]] });
  assert.deepEqual(candidatesOf(odd), [["A", 0.8], ["S", 0.5], ["E", 0.05]]);
  const gone = reading({ sign: "A", confidence: 0.8, top: [["S", 0.5], ["T", 0.4], ["E", 0.05]] });
  assert.deepEqual(candidatesOf(gone), [["A", 0.8], ["S", 0.5], ["T", 0.4]]);
  assert.equal(candidatesOf(reading({})).length, 3);
  const going = reading({ sign: "A", confidence: 0.6, top: [["nothing", 0.9], ["A", 0.06], ["S", 0.02]] });
  assert.deepEqual(candidatesOf(going), [["A", 0.6], ["S", 0.02]]);
});

test("signs have names, shares are whole percents", () => {
  assert.deepEqual(["A", "del", "space", "nothing"].map(nameOf), ["A", "delete", "space", "no hand"]);
  assert.equal(percent(0.946), "95%");
});

test("how far a sign can be relied on is never said to be more than was measured, nor always", () => {
  assert.equal(reliabilityWords(0.9), "right 9 times in 10 for strangers");
  assert.equal(reliabilityWords(0.59), "right 5 times in 10 for strangers");
  assert.equal(reliabilityWords(0.1), "right 1 time in 10 for strangers");
  assert.equal(reliabilityWords(0.95), "right 19 times in 20 for strangers");
  assert.equal(reliabilityWords(0.979), "right 19 times in 20 for strangers");
  assert.equal(reliabilityWords(0.98), "right 49 times in 50 for strangers");
  assert.equal(reliabilityWords(1), "right 99 times in 100 for strangers");
});

test("what is committed is spoken: letters as they come, then the word", () => {
  assert.equal(spokenFor("H", "H"), "H");
  assert.equal(spokenFor("del", "HE"), "deleted");
  assert.equal(spokenFor("space", "WELL HELLO "), "space. Word: HELLO");
  assert.equal(spokenFor("space", " "), "space");
  assert.equal(lastWord(""), "");
});

test("a voice gets words in small letters, and digits one by one", () => {
  assert.equal(speakable(" HELLO CLASS "), "hello class");
  assert.equal(speakable("ROOM 2059"), "room 2 0 5 9");
});

test("a full text is announced before it is full", () => {
  assert.equal(roomLeft(100, 2000), null);
  assert.match(roomLeft(1950, 2000) ?? "", /50 more/);
  assert.match(roomLeft(1999, 2000) ?? "", /one more/);
  assert.match(roomLeft(2000, 2000) ?? "", /full/);
  assert.equal(roomLeft(0, 10), "Room for 10 more letters.");
});

test("every trouble with the camera has its own advice", () => {
  const names = ["NotAllowedError", "NotFoundError", "NotReadableError", "OverconstrainedError", "Insecure", "Ended", "OddError"];
  const advice = names.map(cameraAdvice);
  assert.equal(new Set(advice.map(({ title }) => title)).size, names.length);
  for (const { title, text } of advice) assert.ok(title && text);
  assert.deepEqual(
    advice.map(({ trouble }) => trouble),
    ["refused", "none", "busy", null, "insecure", null, null],
  );
  assert.match(cameraAdvice("OddError").text, /OddError/);
});

test("a word that was perhaps read wrongly is told, with the key that mends it", () => {
  const words = { proposals: ["HELLO", "HELP"], completions: [] };
  assert.equal(proposedFor(words, "I SAY HELO ", true), "Perhaps HELLO. Enter takes it.");
  assert.equal(proposedFor(words, "I SAY HELO ", false), "Perhaps HELLO.");
  assert.equal(proposedFor(words, "HELLO ", true), null);
  assert.equal(proposedFor({ proposals: [], completions: [] }, "HELO ", true), null);
});
