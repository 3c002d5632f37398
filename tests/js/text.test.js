import assert from "node:assert/strict";
import { test } from "node:test";
import { Text } from "../../static/js/text.js";

test("as long as the server knows the text, every edit is its own", () => {
  const text = new Text();
  text.update("HELLO");
  for (const op of /** @type {const} */ (["space", "delete", "clear", "undo"])) assert.equal(text.edit(op), true);
  assert.equal(text.all, "HELLO");
});

test("a server that forgot does not cost a letter, and the word goes on where it was", () => {
  const text = new Text();
  text.update("HEL");
  text.restart("");
  text.update("LO");
  assert.equal(text.all, "HELLO");
  text.restart("");
  assert.equal(text.all, "HELLO");
});

test("what the server forgot can still be deleted, and the deletion undone", () => {
  const text = new Text("HEL", "L");
  assert.equal(text.edit("delete"), true); // the server's L first
  text.update("");
  assert.equal(text.edit("delete"), false);
  assert.equal(text.edit("delete"), false);
  assert.equal(text.all, "H");
  assert.equal(text.edit("undo"), false);
  assert.equal(text.edit("undo"), false);
  assert.equal(text.all, "HEL");
  assert.equal(text.edit("undo"), true); // and the rest is the server's again
});

test("clearing takes both parts, and one undo brings both back", () => {
  const text = new Text("HEL", "LO");
  assert.equal(text.edit("clear"), true);
  text.update("");
  assert.equal(text.all, "");
  assert.equal(text.edit("undo"), true);
  text.update("LO", -1);
  assert.equal(text.all, "HELLO");
});

test("clearing only what the page kept asks nothing of the server", () => {
  const text = new Text("HELLO", "");
  assert.equal(text.edit("clear"), false);
  assert.equal(text.all, "");
  assert.equal(text.edit("undo"), false);
  assert.equal(text.all, "HELLO");
});

test("undo takes back what came last, also where letters followed an edit of the kept part", () => {
  const text = new Text("HEL", "");
  text.edit("delete");
  text.update("A");
  assert.equal(text.edit("undo"), true);
  text.update("", -1);
  assert.equal(text.edit("undo"), false);
  assert.equal(text.all, "HEL");
});

test("undo takes back what came last, also where a letter written after an edit of the kept part was deleted again", () => {
  const text = new Text("HEL", "");
  text.edit("delete");
  text.update("A");
  assert.equal(text.edit("delete"), true);
  text.update("");
  assert.equal(text.edit("undo"), true); // the A first
  text.update("A", -1);
  assert.equal(text.all, "HEA");
  assert.equal(text.edit("undo"), true);
  text.update("", -1);
  assert.equal(text.edit("undo"), false); // and then the L
  assert.equal(text.all, "HEL");
});

test("a word is parted where it began in what the page has kept and goes on in what the server has read", () => {
  for (const [kept, held, parted] of /** @type {[string, string, boolean][]} */ ([
    ["HEL", "LO", true],
    ["HEL", "LO ", true],
    ["HEL", "", true],
    ["HEL", "LO W", false],
    ["HEL ", "LO", false],
    ["", "LO", false],
  ])) {
    assert.equal(new Text(kept, held).parted, parted, `${kept}|${held}`);
  }
});

test("where the server knows all of the text, nothing that the page kept stands twice, nor comes back", () => {
  const text = new Text("", "HI");
  text.restart("");
  text.update("A");
  text.edit("clear");
  text.update("HIA");
  assert.equal(text.keepNothing(), false);
  assert.equal(text.edit("undo"), true);
  assert.equal(text.all, "HIA");
  const waited = new Text("HI", "A");
  waited.update("HIA");
  assert.equal(waited.keepNothing(), true);
  assert.equal(waited.all, "HIA");
});

test("a word is taken by the server alone", () => {
  const text = new Text("I SAY ", "HELO");
  assert.equal(text.edit("take"), true);
  text.update("HELLO ");
  assert.equal(text.all, "I SAY HELLO ");
  assert.equal(text.edit("undo"), true);
});
