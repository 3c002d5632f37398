import assert from "node:assert/strict";
import { test } from "node:test";
import { Absence } from "../../static/js/absence.js";

/** Plays pictures 40 ms apart without a hand in them: at which were looked, and at which the server was told. */
function away(absence = new Absence(), seconds = 10, from = 0) {
  /** @type {number[]} */
  const looked = [];
  /** @type {number[]} */
  const told = [];
  for (let now = from; now < from + seconds * 1000; now += 40) {
    if (!absence.looks(now)) continue;
    looked.push(now);
    if (absence.tells(now)) told.push(now);
  }
  return { looked, told };
}

/** @param {number[]} times @param {number} from @param {number} to */
const gaps = (times, from, to) => {
  const within = times.filter((time) => time >= from && time < to);
  return within.slice(1).map((time, at) => time - (within[at] ?? NaN));
};

test("a gap between two letters is told picture by picture, at once", () => {
  const { told } = away();
  assert.equal(told[0], 0);
  assert.ok(Math.max(...gaps(told, 0, 500)) === 40);
});

test("until a word has ended at the slowest pace the server hears five times a second, then once", () => {
  const { told } = away();
  assert.deepEqual(new Set(gaps(told, 520, 4000)), new Set([200]));
  const resting = gaps(told, 4100, 10_000);
  assert.ok(resting.length >= 4);
  assert.ok(resting.every((gap) => gap >= 990 && gap < 1200), `${resting}`);
});

test("a long absence is not looked at picture by picture", () => {
  const { looked } = away();
  assert.deepEqual(new Set(gaps(looked, 0, 4000)), new Set([40]));
  assert.ok(gaps(looked, 4100, 10_000).every((gap) => gap >= 140 && gap <= 160));
});

test("a hand that comes back begins it anew", () => {
  const absence = new Absence();
  away(absence);
  absence.end();
  assert.deepEqual(away(absence, 10, 20_000).told.map((time) => time - 20_000), away().told);
});
