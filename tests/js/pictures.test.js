import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../static/js/pictures/queue.js";
import * as words from "../../static/js/pictures/words.js";

/** @returns {import("../../static/js/types.d.ts").PictureAnswer} */
function answer(changes = {}) {
  return {
    name: "picture",
    sign: "A",
    believed: true,
    reason: null,
    reliability: 0.97,
    probabilities: { A: 0.9, S: 0.08, M: 0.016, nothing: 0.004 },
    hand: "right",
    crop: { left: 0, top: 0, width: 1, height: 1 },
    landmarks: null,
    ...changes,
  };
}
const unsure = answer({ believed: false, reason: { code: "unsure", message: "" } });
const noHand = answer({ sign: null, believed: false, probabilities: null, hand: null, reason: { code: "no_hand", message: "" } });
const noSign = answer({ sign: null, believed: false, reason: { code: "no_sign", message: "" } });

test("no probability is called certain or impossible", () => {
  assert.deepEqual([1, 0.9951, 0.994, 0.5, 0.006, 0.0049, 0].map(words.shareWords), [">99%", ">99%", "99%", "50%", "1%", "<1%", "<1%"]);
});

test("an answer's state, caption and note say what was seen and what to do", () => {
  const said = [answer(), unsure, noHand, noSign].map((one) => [words.stateOf(one), words.captionOf(one), words.noteOf(one) !== ""]);
  assert.deepEqual(said, [
    ["read", "Sure: 90%", false],
    ["unsure", "Unsure: 90%", true],
    ["none", "No hand found", true],
    ["none", "A hand, but no sign", true],
  ]);
  assert.match(words.noteOf(answer({ sign: "Z" })), /drawn in the air/);
});

test("signs are ranked, whatever the order they come in", () => {
  const ranked = words.rankedSigns(answer({ probabilities: { B: 0.1, A: 0.7, C: 0.2 } }));
  assert.deepEqual(ranked.map(([sign]) => sign), ["A", "C", "B"]);
  assert.deepEqual(words.rankedSigns(noHand), []);
});

test("a screen reader hears the name and the sign, and doubt where there is some", () => {
  assert.equal(words.spokenOf("one.jpg", answer({ sign: "del" })), "one.jpg: delete");
  assert.equal(words.spokenOf("one.jpg", unsure), "one.jpg: perhaps A");
  assert.equal(words.spokenOf("one.jpg", noHand), "one.jpg: no hand found");
});

test("the table has a row for everything that was tried", () => {
  const rows = [words.rowOf("one.jpg", "letters 1", answer()), words.rowOf("two.jpg", "letters 1", unsure), words.rowOf("wall.jpg", "", noHand), words.failedRow("bad.gif", "It cannot be opened.")];
  assert.deepEqual(rows[0], { picture: "one.jpg", sign: "A", probability: "90%", next: "S 8%", hand: "right", note: "", model: "letters 1" });
  assert.deepEqual(rows.map(({ note }) => note), ["", "unsure", "No hand found", "It cannot be opened."]);
  assert.equal(words.summaryWords(rows), "4 pictures: 2 with a sign, 1 of them unsure");
  assert.equal(words.summaryWords(rows.slice(0, 1)), "1 picture: 1 with a sign");
});

test("no file name is run as a formula, and quotes and line breaks stay in their cell", () => {
  const names = ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", 'say "A".jpg', "a\nb, c.jpg"];
  const rows = names.map((name) => words.rowOf(name, "letters 1", answer()));
  const csv = words.csvOf(rows);
  assert.ok(csv.startsWith('"Picture","Sign","Probability"'));
  for (const cell of [`"'=HYPERLINK(""x"")"`, `"'+1"`, `"'-1"`, `"'@SUM(A1)"`, '"say ""A"".jpg"', '"a\nb, c.jpg"']) assert.ok(csv.includes(cell), cell);
  const lines = words.pastedOf(rows).trimEnd().split("\r\n");
  assert.equal(lines.length, 1 + names.length);
  assert.ok(lines.every((line) => line.split("\t").length === 7));
  assert.ok(lines[1]?.startsWith("'=HYPERLINK"));
});

/** Work that ends when it is told to. */
function handWork() {
  /** @type {string[]} */
  const begun = [];
  /** @type {Record<string, (outcome: "done" | "later") => void>} */
  const end = {};
  /** @type {string[]} */
  const told = [];
  const queue = new Queue(
    (/** @type {string} */ item) => {
      begun.push(item);
      return new Promise((resolve) => (end[item] = resolve));
    },
    (done, total) => told.push(`${done}/${total}`),
  );
  const settle = async (/** @type {string} */ item, /** @type {"done" | "later"} */ outcome = "done") => {
    end[item]?.(outcome);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { queue, begun, told, settle };
}

test("nothing begins before the queue goes, and then one after the other", async () => {
  const { queue, begun, told, settle } = handWork();
  queue.add("a");
  queue.add("b");
  assert.deepEqual(begun, []);
  queue.go();
  assert.deepEqual(begun, ["a"]);
  await settle("a");
  assert.deepEqual(begun, ["a", "b"]);
  await settle("b");
  assert.equal(told.at(-1), "2/2");
  queue.add("c");
  assert.equal(told.at(-1), "0/1");
});

test("what is taken out never begins; what is put off comes first when the queue goes on", async () => {
  const { queue, begun, told, settle } = handWork();
  queue.go();
  for (const item of ["a", "b", "c"]) queue.add(item);
  queue.drop("b");
  queue.hold();
  await settle("a", "later");
  assert.deepEqual(begun, ["a"]);
  assert.equal(told.at(-1), "0/2");
  queue.go();
  await settle("a");
  await settle("c");
  assert.deepEqual(begun, ["a", "a", "c"]);
  assert.equal(told.at(-1), "2/2");
});
