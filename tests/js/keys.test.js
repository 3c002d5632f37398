import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { commandFor, KEYS } from "../../static/js/keys.js";

/** @param {string} key @param {Partial<import("../../static/js/keys.js").Press>} more */
const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("every key means one thing, whatever Shift or Caps Lock do", () => {
  assert.equal(new Set(KEYS.map(([key]) => key)).size, KEYS.length);
  assert.equal(commandFor(press("u"), "page"), "undo");
  assert.equal(commandFor(press("U"), "page"), "undo");
  assert.equal(commandFor(press(" "), "page"), "space");
  assert.equal(commandFor(press("Backspace"), "page"), "delete");
  assert.equal(commandFor(press("q"), "page"), null);
});

test("the browser keeps its own shortcuts", () => {
  for (const key of ["c", "x", "l", "d", "t", "s", "1"]) {
    assert.equal(commandFor(press(key, { ctrlKey: true }), "page"), null);
    assert.equal(commandFor(press(key, { metaKey: true }), "page"), null);
    assert.equal(commandFor(press(key, { altKey: true }), "page"), null);
  }
  assert.equal(commandFor(press("z", { ctrlKey: true }), "page"), "undo");
  assert.equal(commandFor(press("z", { metaKey: true }), "page"), "undo");
  assert.equal(commandFor(press("Z", { ctrlKey: true, shiftKey: true }), "page"), null, "that is redo");
});

test("a focused button keeps Space and Enter, a choice Space, and a field everything", () => {
  assert.equal(commandFor(press(" "), "control"), null);
  assert.equal(commandFor(press("Enter"), "control"), null);
  assert.equal(commandFor(press("Enter"), "page"), "word-1");
  assert.equal(commandFor(press("u"), "control"), "undo");
  assert.equal(commandFor(press(" "), "choice"), null);
  assert.equal(commandFor(press("Enter"), "choice"), "word-1");
  for (const [key] of KEYS) assert.equal(commandFor(press(key), "text"), null);
});

test("single keys can be switched off; Ctrl Z stays", () => {
  for (const [key] of KEYS) assert.equal(commandFor(press(key), "page", false), null);
  assert.equal(commandFor(press("z", { ctrlKey: true }), "page", false), "undo");
});

test("the page lists every key", () => {
  const page = readFileSync(new URL("../../templates/index.html", import.meta.url), "utf8");
  const listed = new Set([...page.matchAll(/<kbd>([^<]+)<\/kbd>/g)].map((match) => match[1]?.toLowerCase()));
  const expected = KEYS.map(([key]) => (key === " " ? "space" : key)).filter((key) => !"23678".includes(key)); // "1–4", "5–9"
  for (const key of expected) assert.ok(listed.has(key), `${key} is not in the list of keys`);
});
