/** Where a board's tiles stand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gridFor } from "../../static/js/class/layout.js";

for (const [count, columns, rows] of [
  [1, 1, 1],
  [2, 2, 1],
  [3, 2, 2],
  [6, 3, 2],
  [30, 6, 5],
]) {
  test(`${count} pupils on a projector stand in ${columns} columns and ${rows} rows`, () => {
    assert.deepEqual(gridFor(count, 1850, 980), { columns, rows });
  });
}

test("there is room for everybody, on every screen", () => {
  for (let count = 0; count <= 60; count += 1) {
    for (const [width, height] of [[390, 700], [1024, 600], [1850, 980], [0, 0]]) {
      const { columns, rows } = gridFor(count, width, height);
      assert.ok(width === 0 || columns * rows >= count);
    }
  }
});
