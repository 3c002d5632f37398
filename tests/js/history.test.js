import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { LONGEST_PAUSE_MS, Replay } from "../../static/js/replay.js";
import { boundsOf, factsOf, whatOf, whenOf, whyOf } from "../../static/js/steps.js";
import { clock } from "../../static/js/words.js";

/** @typedef {import("../../static/js/types.d.ts").Step} Step */

/** @param {Partial<Step>} more @returns {Step} */
const step = (more) => ({ number: 0, seconds: 0, kind: "sign", model: "letters", sign: "A", confidence: 0.9, candidates: [], text: "A", ...more });

/** HELLO, a letter a second; @param {string} word @returns {Step[]} */
const spelled = (word) => [...word].map((sign, number) => step({ number, seconds: number, sign, text: word.slice(0, number + 1) }));

test("a step says what it was, how sure, and what else it might have been", () => {
  assert.equal(whatOf(step({})), "A, held");
  assert.equal(whatOf(step({ kind: "drawn", sign: "J" })), "J, drawn in the air");
  assert.equal(whatOf(step({ kind: "pause", sign: null })), "Space, after a pause");
  assert.equal(whatOf(step({ kind: "something new", sign: null })), "something new");
  assert.equal(whyOf(step({ confidence: 0.873, candidates: [["A", 0.87], ["S", 0.1], ["E", 0.03]] }), ""), "87% sure. It might have been S (10%) or E (3%).");
  assert.equal(whyOf(step({ confidence: 0.99, candidates: [["A", 0.99], ["S", 0.001]] }), ""), "99% sure. Nothing else came near.");
  assert.equal(whyOf(step({ confidence: null }), ""), "");
  const taken = step({ kind: "take", sign: null, confidence: null, text: "SAY HELLO " });
  assert.deepEqual([whatOf(taken), whyOf(taken, "SAY HELPO")], ["Word taken", "HELLO, in place of HELPO."]);
});

test("times and lengths are said shortly", () => {
  assert.equal(clock(65.9), "1:05");
  assert.equal(clock(3725), "1:02:05");
  const head = { id: "", text: "", models: ["letters", "digits"], started: "2026-11-21T09:00:00.000Z" };
  assert.equal(factsOf({ ...head, ended: "2026-11-21T09:00:59.000Z" }), "letters and digits");
  assert.equal(factsOf({ ...head, ended: "2026-11-21T09:01:10.000Z" }), "1 minute · letters and digits");
  assert.equal(factsOf({ ...head, ended: "2026-11-21T13:00:00.000Z" }), "4 hours · letters and digits");
  assert.match(whenOf("2025-05-05T12:00:00.000Z", new Date(2026, 0, 1)), /2025/);
  assert.doesNotMatch(whenOf("2025-05-05T12:00:00.000Z", new Date(2025, 0, 1)), /2025/);
});

test("a day has its bounds in the browser's zone, also where it has 23 or 25 hours", () => {
  for (const day of ["2026-11-21", "2026-03-29", "2026-10-25", "2026-12-31"]) {
    const { since, until } = boundsOf(day);
    assert.equal(new Date(since).getHours(), 0);
    assert.equal(new Date(until).getHours(), 0);
    assert.equal(new Date(Date.parse(until) - 1).getDate(), new Date(since).getDate());
  }
});

test("a transcript opens at its end, steps, and stays within its bounds", () => {
  let changes = 0;
  const replay = new Replay(() => (changes += 1));
  replay.open(spelled("HELLO"));
  assert.deepEqual([replay.position, replay.step?.text, replay.before], [5, "HELLO", "HELL"]);
  replay.go(2);
  assert.deepEqual([replay.step?.sign, replay.before], ["E", "H"]);
  replay.go(-1);
  assert.deepEqual([replay.position, replay.step, replay.before], [0, null, ""]);
  replay.go(99);
  assert.equal(replay.position, 5);
  assert.ok(changes > 3);
});

test("it plays at its own times, faster by the speed, and cuts long pauses short", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const replay = new Replay(() => undefined);
  const steps = [...spelled("HI"), step({ number: 2, seconds: 500, text: "HIJ" })];
  replay.open(steps);
  replay.speed = 2;
  replay.play();
  assert.deepEqual([replay.position, replay.playing], [0, true]);
  mock.timers.tick(0);
  assert.equal(replay.position, 1);
  mock.timers.tick(499);
  assert.equal(replay.position, 1);
  mock.timers.tick(1);
  assert.equal(replay.position, 2);
  mock.timers.tick(LONGEST_PAUSE_MS / 2);
  assert.deepEqual([replay.position, replay.playing], [3, false]);
  replay.play(); // again from the beginning
  mock.timers.tick(0);
  replay.pause();
  mock.timers.tick(10_000);
  assert.deepEqual([replay.position, replay.playing], [1, false]);
  mock.timers.reset();
});

test("what grows is followed by whoever looks at its end, and by nobody else", () => {
  const replay = new Replay(() => undefined);
  replay.open(spelled("HE"));
  replay.grow(spelled("HELL").slice(2));
  assert.equal(replay.position, 4);
  replay.go(1);
  replay.grow(spelled("HELLO").slice(4));
  assert.deepEqual([replay.position, replay.length], [1, 5]);
});
