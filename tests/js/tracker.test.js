import assert from "node:assert/strict";
import { test } from "node:test";
import { SteadySquare } from "../../static/js/tracker/crop.js";
import { Follower, liveLooks } from "../../static/js/tracker/follow.js";
import { handSquare, PALM_INPUT_PX } from "../../static/js/tracker/geometry.js";
import { brighten, cut, sample } from "../../static/js/tracker/pixels.js";

/** @param {number} width @param {number} height @param {(x: number, y: number) => number[]} colour */
function picture(width, height, colour) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data.set([...colour(x, y), 255], (y * width + x) * 4);
  return { width, height, data };
}

const RAMP = picture(40, 30, (x, y) => [x * 5, y * 5, 100]);
const near = (/** @type {number | undefined} */ a, /** @type {number} */ b) => assert.ok(Math.abs((a ?? NaN) - b) < 1e-4, `${a} is not ${b}`);

test("the whole picture sampled at its own size is the picture", () => {
  const out = sample(RAMP, { x: 15, y: 15, side: 30, rotation: 0 }, 30);
  near(out[(7 * 30 + 12) * 3], (12 * 5) / 255);
  near(out[(7 * 30 + 12) * 3 + 1], (7 * 5) / 255);
});

test("a square turned by a quarter shows the picture's right at its top", () => {
  // Turned clockwise by 90°, the square's own up is the picture's right.
  const out = sample(RAMP, { x: 15, y: 15, side: 30, rotation: Math.PI / 2 }, 30);
  near(out[0], (29 * 5) / 255);
  near(out[1], 0);
  near(out[29 * 3 + 1], (29 * 5) / 255);
});

test("beyond the edge lies the edge, or black", () => {
  const beyond = { x: -50, y: 10, side: 20, rotation: 0 };
  near(sample(RAMP, beyond, 10)[2], 100 / 255);
  near(sample(RAMP, beyond, 10, "black")[2], 0);
});

test("a crop is the mean of what it covers, and opaque", () => {
  const stripes = picture(80, 80, (x) => [x % 2 ? 200 : 0, 0, 0]);
  const out = cut(stripes, { x: 40, y: 40, side: 80, rotation: 0 }, 40);
  assert.deepEqual([...out.slice(4 * 45, 4 * 46)], [100, 0, 0, 255]);
});

test("a dark picture is brightened and a light one left alone", () => {
  const dark = brighten(picture(20, 20, () => [20, 20, 20]));
  assert.ok((dark.data[0] ?? 0) > 60);
  const light = picture(20, 20, () => [180, 180, 180]);
  assert.equal(brighten(light), light);
});

test("a trembling square is held, a moving one followed, a jump taken", () => {
  const steady = new SteadySquare();
  const at = (/** @type {number} */ x, /** @type {number} */ time) => steady.step({ x, y: 100, side: 80, rotation: 0 }, time).x;
  assert.equal(at(100, 0), 100);
  const held = [at(102, 0.05), at(98, 0.1), at(102, 0.15), at(98, 0.2)];
  assert.ok(Math.max(...held) - Math.min(...held) < 2.5);
  assert.equal(at(300, 0.25), 300);
  let x = 300;
  for (let frame = 1; frame <= 20; frame += 1) x = at(300 + frame * 8, 0.25 + frame * 0.05);
  assert.ok(460 - x < 16);
});

test("every other look for a lost hand is the plain one, and the others cover the picture", () => {
  const looks = liveLooks(640, 480);
  assert.ok(looks.every((look, at) => look.brightened === (at % 2 === 1)));
  const seconds = looks.filter(({ brightened }) => brightened);
  assert.equal(seconds.length, 1 + 3 * 2);
  const tiles = seconds.slice(1).map(({ region }) => region);
  assert.equal(Math.min(...tiles.map(({ x, side }) => x - side / 2)), 0);
  near(Math.max(...tiles.map(({ x, side }) => x + side / 2)), 640);
  near(Math.max(...tiles.map(({ y, side }) => y + side / 2)), 480);
});

/** Networks that see what they are told to, and say how often they were asked. */
function pretend() {
  const asked = { palm: 0, landmark: 0 };
  const sees = { palm: true, presence: 0.99, leftScore: 0.99 };
  /** @type {import("../../static/js/tracker/follow.js").Networks} */
  const networks = {
    palm: async (pixels) => {
      asked.palm += 1;
      assert.equal(pixels.length, PALM_INPUT_PX ** 2 * 3);
      const boxes = new Float32Array(2016 * 18);
      const scores = new Float32Array(2016).fill(-50);
      if (sees.palm) {
        scores[600] = 5;
        boxes.set([0, 0, 40, 40, 0, 20, 0, 0, 0, -20], 600 * 18); // upright: the middle finger's base above the wrist
      }
      return { boxes, scores };
    },
    landmark: async () => {
      asked.landmark += 1;
      const landmarks = new Float32Array(63);
      for (let at = 0; at < 21; at += 1) landmarks.set([112 + ((at % 4) - 1.5) * 15, 170 - (at % 5) * 25, 0], at * 3);
      return { landmarks, presence: sees.presence, leftScore: sees.leftScore };
    },
  };
  return { asked, sees, networks };
}

const ROOM = picture(64, 48, () => [150, 150, 150]);

test("a followed hand costs one run of the landmark model a frame", async () => {
  const { asked, networks } = pretend();
  const follower = new Follower(networks);
  const first = await follower.follow(ROOM, 0);
  assert.ok(first && follower.following);
  assert.deepEqual(asked, { palm: 1, landmark: 2 });
  assert.ok(Math.abs(first.square.side - handSquare(first.hand.landmarks).side) < 1e-9);
  await follower.follow(ROOM, 0.1);
  assert.deepEqual(asked, { palm: 1, landmark: 3 });
});

test("a hand that is gone is looked for again, once a frame, and nothing is made up", async () => {
  const { asked, sees, networks } = pretend();
  const follower = new Follower(networks);
  await follower.follow(ROOM, 0);
  Object.assign(sees, { palm: false, presence: 0.1 });
  assert.equal(await follower.follow(ROOM, 0.1), null);
  assert.ok(!follower.following);
  const before = asked.landmark;
  for (let frame = 2; frame < 20; frame += 1) assert.equal(await follower.follow(ROOM, frame / 10), null);
  assert.deepEqual(asked, { palm: 20, landmark: before });
});

test("what looks like a palm and is no hand is not taken for one", async () => {
  const { sees, networks } = pretend();
  sees.presence = 0.6;
  const follower = new Follower(networks);
  for (let frame = 0; frame < 30; frame += 1) assert.equal(await follower.follow(ROOM, frame / 10), null);
});

test("what only just passes for a hand is let go after a second", async () => {
  const { sees, networks } = pretend();
  const follower = new Follower(networks);
  assert.ok(await follower.follow(ROOM, 0));
  sees.presence = 0.6;
  assert.ok(await follower.follow(ROOM, 0.5), "a blurred frame or two are no reason");
  assert.equal(await follower.follow(ROOM, 1.1), null);
  sees.presence = 0.99;
  assert.ok(await follower.follow(ROOM, 1.2));
});

test("which hand it is does not waver with a single frame", async () => {
  const { sees, networks } = pretend();
  const follower = new Follower(networks);
  for (let frame = 0; frame < 5; frame += 1) assert.equal((await follower.follow(ROOM, frame / 10))?.leftHand, false);
  sees.leftScore = 0;
  assert.equal((await follower.follow(ROOM, 0.6))?.leftHand, false);
  for (let frame = 7; frame < 20; frame += 1) await follower.follow(ROOM, frame / 10);
  assert.equal((await follower.follow(ROOM, 2))?.leftHand, true);
});
