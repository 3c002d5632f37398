import assert from "node:assert/strict";
import { test } from "node:test";
import { boxFromCorners, clampBox, cropOf, defaultBox, extentOf, isBox, moveBox, SMALLEST_SIZE } from "../../static/js/guide.js";

const WIDE = { width: 640, height: 480 };
const TALL = { width: 480, height: 640 };

test("the default box is on the signer's own side and well inside the picture", () => {
  const right = extentOf(defaultBox("right"), WIDE);
  const left = extentOf(defaultBox("left"), WIDE);
  assert.ok(right.left + right.width < 0.55, "a right hand is on the left of an unmirrored picture");
  assert.ok(left.left > 0.45);
  assert.ok(right.height > 0.55 && right.height < 0.6);
  for (const hand of /** @type {const} */ (["right", "left"])) {
    assert.deepEqual(clampBox(defaultBox(hand), WIDE), defaultBox(hand));
  }
});

test("a box is square in pixels in a wide and in a tall picture", () => {
  for (const picture of [WIDE, TALL, { width: 1280, height: 720 }]) {
    const { width, height } = extentOf(clampBox(defaultBox("right"), picture), picture);
    assert.ok(Math.abs(width * picture.width - height * picture.height) < 1e-6);
  }
});

test("a box outside the picture is moved in, and one too large or small is resized", () => {
  const moved = extentOf(clampBox({ x: -1, y: 2, size: 0.5 }, WIDE), WIDE);
  assert.ok(Math.abs(moved.left) < 1e-9);
  assert.ok(Math.abs(moved.top + moved.height - 1) < 1e-9);
  assert.equal(clampBox({ x: 0.5, y: 0.5, size: 9 }, WIDE).size, 1);
  assert.equal(clampBox({ x: 0.5, y: 0.5, size: 0 }, WIDE).size, SMALLEST_SIZE);
});

test("a step is as long across as down", () => {
  const start = { x: 0.5, y: 0.5, size: 0.4 };
  const across = moveBox(start, 0.1, 0, WIDE);
  const down = moveBox(start, 0, 0.1, WIDE);
  assert.ok(Math.abs((across.x - start.x) * WIDE.width - (down.y - start.y) * WIDE.height) < 1e-9);
});

test("resizing keeps the opposite corner where it is, also at the edge and when pulled through it", () => {
  const fixed = { x: 0.5, y: 0.5 };
  for (const pointer of [{ x: 0.8, y: 0.6 }, { x: 2, y: 2 }, { x: 0.1, y: 0.9 }, { x: 0.5, y: 0.5 }]) {
    const { left, top, width, height } = extentOf(boxFromCorners(fixed, pointer, WIDE), WIDE);
    const corners = [left, left + width].flatMap((x) => [top, top + height].map((y) => Math.hypot(x - fixed.x, y - fixed.y)));
    assert.ok(Math.min(...corners) < 1e-9, JSON.stringify(pointer));
    assert.ok(left >= -1e-9 && top >= -1e-9 && left + width <= 1 + 1e-9 && top + height <= 1 + 1e-9);
  }
});

test("the crop is whole pixels inside the picture and never smaller than the server takes", () => {
  for (const picture of [WIDE, TALL, { width: 320, height: 240 }, { width: 1921, height: 1081 }]) {
    for (const box of [defaultBox("right"), { x: 0, y: 0, size: 0 }, { x: 1, y: 1, size: 1 }, { x: 0.333, y: 0.777, size: 0.51 }]) {
      const { left, top, side } = cropOf(clampBox(box, picture), picture);
      assert.ok([left, top, side].every(Number.isInteger));
      assert.ok(left >= 0 && top >= 0 && left + side <= picture.width && top + side <= picture.height);
      assert.ok(side >= 48);
    }
  }
});

test("only a box is taken from storage", () => {
  assert.ok(isBox({ x: 0.5, y: 0.5, size: 0.5 }));
  for (const other of [null, 3, "box", {}, { x: 0.5, y: 0.5 }, { x: "0.5", y: 0.5, size: 0.5 }, { x: NaN, y: 0, size: 1 }, { x: 7, y: 0, size: 1 }]) {
    assert.ok(!isBox(other), JSON.stringify(other));
  }
});
