import assert from "node:assert/strict";
import { test } from "node:test";
import { bonesPath, cropInHeights, jointsPath, squarePath } from "../../static/js/skeleton.js";

/** @type {[number, number, number][]} */
const LANDMARKS = Array.from({ length: 21 }, (_, at) => [at / 100, (100 - at) / 100, 0]);

test("every joint is a dot, and every joint has a bone", () => {
  const places = LANDMARKS.map(([x, y]) => `${x} ${y}`);
  assert.equal(jointsPath(LANDMARKS), places.map((place) => `M${place}h0`).join(""));
  const joined = new Set(bonesPath(LANDMARKS).split(/[ML]/).filter(Boolean));
  assert.deepEqual(joined, new Set(places));
});

test("the square is drawn in fractions and sent in heights of the picture", () => {
  const crop = { left: 64, top: 48, side: 320 };
  assert.equal(squarePath(crop, { width: 640, height: 480 }), "M0.1 0.1h0.5v0.6667h-0.5z");
  assert.deepEqual(cropInHeights({ left: -24, top: 120, side: 240 }, { width: 640, height: 480 }), [0.2, 0.5, 0.5]);
});
