import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { feedbackOn, modelOf, pitfalls } from "../../static/js/feedback.js";
import { draw, Game, resultOf, wordsFrom } from "../../static/js/game.js";
import { mirrored, viewWords } from "../../static/js/hands.js";
import { LISTS } from "../../static/js/lists.js";
import { progressFrom, stageOf, withTry } from "../../static/js/progress.js";

const signs = JSON.parse(readFileSync(new URL("../../static/chart/signs.json", import.meta.url), "utf8"));

/** @param {Partial<import("../../static/js/types.d.ts").Reading>} more @returns {import("../../static/js/types.d.ts").Reading} */
const reading = (more) => ({ seq: 1, sign: null, confidence: 0.5, top: [["E", 0.5]], progress: 0, committed: null, text: "", ...more });

/** @param {Partial<import("../../static/js/types.d.ts").Reading>} more @param {string} target */
const told = (more, target) => feedbackOn(reading(more), target, signs);

test("the right sign is to be held a bit longer, and to be lifted once it is spent", () => {
  assert.deepEqual(told({ sign: "E", progress: 0.4 }, "E"), { kind: "right", title: "That is E", advice: "Hold it a bit longer." });
  assert.equal(told({ sign: "E", progress: 1 }, "E").kind, "lift");
});

test("another sign is named, with what to change", () => {
  const feedback = told({ sign: "M", progress: 0.4 }, "E");
  assert.deepEqual([feedback.kind, feedback.title], ["wrong", "Looks like M"]);
  assert.equal(feedback.advice, signs.E.instead.M);
  assert.equal(told({ sign: "Y" }, "E").advice, "For E: fingers bent, their tips resting on the thumb, which lies across the palm.");
});

test("no hand, an unsure one and one between two signs are told apart", () => {
  assert.equal(told({ top: [["nothing", 0.9]] }, "E").kind, "none");
  assert.equal(told({ sign: "nothing" }, "E").kind, "none");
  assert.equal(told({ top: [["Q", 0.5], ["P", 0.4]] }, "E").title, "Not sure yet");
  assert.equal(told({ top: [["M", 0.5], ["E", 0.4]] }, "E").title, "Between E and M");
  assert.equal(told({ top: [["E", 0.5], ["M", 0.1]] }, "E").title, "Nearly");
});

test("the hand that begins a drawn sign is right, and is to draw", () => {
  const feedback = told({ sign: "I", progress: 0.5 }, "J");
  assert.deepEqual([feedback.kind, feedback.title], ["draw", "The hand is right"]);
  assert.match(feedback.advice, /draw/);
  assert.equal(told({ sign: "D" }, "Z").kind, "draw");
});

test("pitfalls come from what strangers' signs are taken for, where there is advice", () => {
  assert.deepEqual(pitfalls("E", [["M", 0.12], ["Y", 0.1], ["S", 0.1]], signs), [
    { sign: "M", share: 0.12, advice: signs.E.instead.M },
    { sign: "S", share: 0.1, advice: signs.E.instead.S },
  ]);
});

test("digits are read by the model of digits", () => {
  assert.deepEqual(["4", "A", "space"].map(modelOf), ["digits", "letters", "letters"]);
});

test("own words are what the manual alphabet can spell", () => {
  assert.deepEqual(wordsFrom("Ärger, café\n room-12; don't  café"), ["ARGER", "CAFE", "ROOM12", "DONT"]);
  assert.deepEqual(wordsFrom(" ,; ?! "), []);
  assert.equal(wordsFrom("a".repeat(40))[0]?.length, 14);
});

test("words are drawn once each", () => {
  assert.deepEqual(draw(["A", "B", "C"], 2, () => 0.99), ["C", "B"]);
  assert.deepEqual(draw(["A"], 5, () => 0), ["A"]);
});

test("the built-in words can be spelled and fit the screen", () => {
  for (const { words } of LISTS) {
    assert.deepEqual(wordsFrom(words.join(" ")), words);
    assert.ok(words.length >= 12);
  }
});

test("a game goes from letter to letter and word to word, and counts what went wrong", () => {
  const game = new Game(["AB", "C"], 1000);
  assert.equal(game.commit("S", 2000), "wrong");
  assert.equal(game.commit("A", 3000), "found");
  assert.equal(game.target, "B");
  game.hint();
  game.commit("B", 4000);
  assert.deepEqual([game.word, game.target, game.letter, game.over], ["C", "C", 0, false]);
  assert.equal(game.commit("space", 4500), "ignored");
  game.skip(5000);
  assert.ok(game.over);
  assert.equal(game.commit("C", 6000), "ignored");
  assert.equal(game.playedMs(9000), 4000);
  assert.deepEqual(game.tallies, [
    { sign: "A", ms: 2000, mistakes: 1, hinted: false, skipped: false },
    { sign: "B", ms: 1000, mistakes: 0, hinted: true, skipped: false },
    { sign: "C", ms: 1000, mistakes: 0, hinted: false, skipped: true },
  ]);
  const result = resultOf(game.tallies, 4000);
  assert.deepEqual(result, { found: 2, skipped: 1, accuracy: 0, lettersAMinute: 30, work: ["C", "A", "B"] });
});

test("a pause takes no time and hears no letter", () => {
  const game = new Game(["A"], 0);
  game.pause(1000);
  assert.equal(game.commit("A", 2000), "ignored");
  assert.equal(game.playedMs(5000), 1000);
  game.resume(6000);
  game.commit("A", 7000);
  assert.equal(game.playedMs(9000), 2000);
  assert.equal(game.tallies[0]?.ms, 2000);
});

test("a game that is ended early has no letters that were not dealt with", () => {
  const game = new Game(["AB"], 0);
  game.pause(500);
  game.end(1000);
  assert.deepEqual(resultOf(game.tallies, game.playedMs(2000)), { found: 0, skipped: 0, accuracy: null, lettersAMinute: 0, work: [] });
});

test("a sign is known after it went well a few times lately", () => {
  let progress = progressFrom(null);
  assert.equal(stageOf(progress, "A"), "new");
  progress = withTry(withTry(progress, "A", true), "A", true);
  assert.equal(stageOf(progress, "A"), "begun");
  progress = withTry(progress, "A", true);
  assert.equal(stageOf(progress, "A"), "known");
  for (let time = 0; time < 6; time += 1) progress = withTry(progress, "A", false);
  assert.equal(stageOf(progress, "A"), "begun");
});

test("what is stored and is no progress is no harm", () => {
  assert.deepEqual(progressFrom({ A: { found: 2, clean: 1 }, B: null, C: { found: "x" } }), { A: { found: 2, clean: 1 } });
  assert.deepEqual(progressFrom("nonsense"), {});
});

test("a left hand, and a right one in the mirror, are the drawing turned over", () => {
  assert.deepEqual([mirrored("right", "facing"), mirrored("left", "facing"), mirrored("right", "mirror"), mirrored("left", "mirror")], [
    false,
    true,
    true,
    false,
  ]);
  assert.match(viewWords("left", "mirror"), /left hand.*mirror/);
});
