import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivalWords, countWords, exactTime, placeWords, winnerWords } from "../../static/js/class/contest.js";

test("places are words that nobody has to puzzle over", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 60].map(placeWords), ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "60th"]);
});

test("a race's times are told in tenths, which carry over", () => {
  assert.deepEqual([0, 1.44, 9.96, 59.94, 59.96, 125.5, -1].map(exactTime), ["0:00.0", "0:01.4", "0:10.0", "0:59.9", "1:00.0", "2:05.5", "0:00.0"]);
  assert.equal(arrivalWords(2, 12.34), "2nd · 0:12.3");
});

test("the countdown says ready, three, two, one, and then nothing", () => {
  assert.deepEqual([4, 3.01, 3, 2.5, 1, 0.01, 0, -2].map(countWords), ["Ready", "Ready", "3", "3", "1", "1", "", ""]);
});

test("who is first is named as the board may name them, all who came in at once", () => {
  const race = { mode: /** @type {const} */ ("race"), round: 1, coming: [], places: {}, wins: {}, teams: [] };
  const nameOf = (/** @type {string} */ id) => `Pupil ${id}`;
  assert.equal(winnerWords(race, nameOf), "");
  assert.equal(winnerWords({ ...race, places: { 7: 1, 8: 2 } }, nameOf), "Pupil 7 is first!");
  assert.equal(winnerWords({ ...race, places: { 7: 1, 8: 1 } }, nameOf), "Pupil 7 and Pupil 8 are first!");
  assert.equal(winnerWords({ ...race, mode: "relay", places: { Sun: 1 } }, nameOf), "Team Sun is first!");
});
