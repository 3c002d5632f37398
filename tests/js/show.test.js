import assert from "node:assert/strict";
import { test } from "node:test";
import { captionLines } from "../../static/js/captions.js";
import { fileName } from "../../static/js/recorder.js";
import { voiceOf } from "../../static/js/speech.js";
import { clock } from "../../static/js/words.js";

/** @param {string} line */
const tenLetters = (line) => line.length <= 10;

test("captions are the last two lines, and a line that stands does not move when the text grows", () => {
  assert.deepEqual(captionLines("", tenLetters), []);
  assert.deepEqual(captionLines(" ", tenLetters), []);
  assert.deepEqual(captionLines("HELLO", tenLetters), ["HELLO"]);
  assert.deepEqual(captionLines("HELLO YOU THERE", tenLetters), ["HELLO YOU", "THERE"]);
  assert.deepEqual(captionLines("HELLO YOU THERE AND  HERE ", tenLetters), ["THERE AND", "HERE"]);
});

test("a word that is longer than a line goes on in the next", () => {
  assert.deepEqual(captionLines("ABCDEFGHIJKLMN", tenLetters), ["ABCDEFGHIJ", "KLMN"]);
  assert.deepEqual(captionLines("A BCDEFGHIJKLMN O", tenLetters), ["BCDEFGHIJK", "LMN O"]);
  assert.deepEqual(captionLines("ABC", () => false), ["B", "C"]);
});

test("a recording's time and name", () => {
  assert.deepEqual([0, 7.9, 59, 60, 599].map(clock), ["0:00", "0:07", "0:59", "1:00", "9:59"]);
  const began = new Date(2026, 0, 5, 9, 7);
  assert.equal(fileName(began, "video/mp4;codecs=avc1"), "handspell-2026-01-05-0907.mp4");
  assert.equal(fileName(began, "video/webm;codecs=vp8"), "handspell-2026-01-05-0907.webm");
});

/** @param {string} voiceURI @param {string} lang @param {boolean} localService @param {boolean} isDefault */
const voice = (voiceURI, lang, localService = true, isDefault = false) => ({ voiceURI, lang, localService, default: isDefault });

test("the voice that was chosen speaks, else an English one of this machine, and never unasked one that is not", () => {
  const far = voice("far", "en-US", false, true);
  const anna = voice("Anna", "de-DE");
  const voices = [far, anna, voice("Fred", "en_US"), voice("Brian", "en-GB")];
  assert.equal(voiceOf(voices, "far"), far);
  assert.equal(voiceOf(voices, null)?.voiceURI, "Brian");
  assert.equal(voiceOf(voices, "gone")?.voiceURI, "Brian");
  assert.equal(voiceOf([far, anna], null), anna);
  assert.equal(voiceOf([far], null), null);
  assert.equal(voiceOf([], null), null);
});
