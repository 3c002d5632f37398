/**
 * The practice page: where its parts meet, and where it is decided what is asked for and what is told.
 *
 * Its connection is its own: what is signed here is not part of anybody's text.
 *
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {import("./types.d.ts").Hello} Hello
 * @typedef {import("./types.d.ts").Pace} Pace
 * @typedef {import("./types.d.ts").Reading} Reading
 * @typedef {import("./feedback.js").Feedback} Feedback
 * @typedef {import("./feedback.js").Sign} Sign
 */

import { io } from "../vendor/socket.io.esm.min.js";
import { element } from "./element.js";
import { feedbackOn, modelOf, pitfalls } from "./feedback.js";
import { clean, draw, Game, resultOf, wordsFrom } from "./game.js";
import { LISTS } from "./lists.js";
import { recall, remember } from "./memory.js";
import { announce, Notices } from "./notices.js";
import { ownHand, rememberHand } from "./ownhand.js";
import { PracticeView } from "./practiceview.js";
import { progressFrom, stageOf, withTry } from "./progress.js";
import { Station } from "./station.js";
import { Stream } from "./stream.js";
import { clock } from "./words.js";

/** A sign is asked for so many times before the next. */
const ROUNDS = 3;
/** What was found stays on the page for so long. */
const FOUND_MS = 1400;
/** Feedback that changes sooner is not worth reading, or hearing. */
const SHOWN_AFTER_MS = 250;
const SAID_AFTER_MS = 1500;
const SAID_AGAIN_MS = 8000;
const TICK_MS = 200;
/** The server's text is not shown here; it is emptied before it can be full. */
const TEXT_LENGTH = 200;
const OWN = "own";
const LEVELS = { easy: "easy", middle: "medium", hard: "hard" };

/** @type {Record<string, Sign>} */
const signs = JSON.parse(element("signs", HTMLScriptElement).textContent ?? "{}");
const ORDER = Object.keys(signs).filter((sign) => sign.length === 1);

const view = new PracticeView();
const notices = new Notices(/** @type {const} */ (["connection", "frame", "edit", "forgotten", "finder"]));

let progress = progressFrom(recall("progress"));
/** @type {Hand} */
let hand = ownHand();
/** @type {Pace} */
const pace = recallChoice("pace", ["normal", "slow", "fast", "expert"], "normal");
/** By model and sign: what it is most often taken for. @type {Record<string, Record<string, [string, number][]>>} */
let confusions = {};

/** @type {import("./practiceview.js").Play} */
let play = "letter";
/** @type {Game | null} */
let game = null;
/** @type {string[]} */
let words = [];
/** Whether the game is paused for want of a camera. */
let waitsForCamera = false;
let hintAfterSeconds = 10;
let letter = startSign();
/** What the server reads with. */
let model = modelOf(letter);
let rounds = 0;
/** Whether no other sign was held since the letter was asked for. */
let cleanSoFar = true;
/** Until when what was found is shown, and nothing else. */
let foundUntil = 0;
let nextTimer = 0;
/** The feedback that lasts, since when, and what was last said of it. */
let lasting = { title: "", since: 0, said: false };
let lastSaid = { title: "", at: -Infinity };

const station = new Station({
  onCapture: (capture) => (capture ? stream.start(capture) : stream.stop()),
  onFrame: (t) => stream.frameArrived(t),
  onCamera: showCamera,
  onHand: showHand,
  notice: (...said) => notices.notice(...said),
});

const stream = new Stream(io, null, {
  onHello: greet,
  onConnection: showConnection,
  onReading: read,
  onRefusal: ({ error }) => {
    if (error.code !== "superseded") notices.notice("frame", { tone: "bad", text: `The server could not use a picture: ${error.message}` }, 6);
  },
  onSilence: () => notices.notice("frame", { tone: "warn", text: "The server gave no answer for five seconds. Trying again with a new picture." }, 6),
  onCaptureError: (error) => notices.notice("frame", { tone: "bad", text: `No picture could be taken: ${error.message}` }, 6),
  onFigures: () => {},
});

/* The camera and the server */

/** @param {import("./station.js").CameraState} state */
function showCamera(state) {
  if (state === "on") {
    wait();
    if (waitsForCamera) goOn();
  } else {
    if (play === "game") pause(true);
    view.say("waiting", ...idleWords(), 0);
  }
}

/** @param {Hello} hello */
function greet(hello) {
  confusions = Object.fromEntries(Object.entries(hello.models).map(([name, model]) => [name, model.confusions]));
  model = modelOf(target());
  stream.mode({ model, pace, hand });
  showTarget();
}

/** @param {import("./stream.js").Connection} connection */
function showConnection(connection) {
  document.documentElement.dataset["connection"] = connection;
  if (connection === "open") {
    notices.notice("connection", null);
    return;
  }
  if (connection === "connecting") notices.notice("connection", { tone: "calm", text: "Connecting to the server…" });
  if (connection === "gone") notices.notice("connection", { tone: "bad", text: "The server cannot be reached. Trying again…" });
  if (connection === "closed") {
    const action = { label: "Connect again", run: () => stream.reconnect() };
    notices.notice("connection", { tone: "bad", text: "The server closed this connection.", action });
  }
  if (!station.running) return;
  station.forgetHand(); // without a server nobody looks
  if (play === "game") pause();
}

/** @param {Reading} reading */
function read(reading) {
  if (reading.text.length > TEXT_LENGTH) stream.edit("clear");
  if (!station.running || document.hidden || (play !== "letter" && play !== "game")) return;
  if (reading.committed !== null) committed(reading.committed);
  const now = performance.now();
  if (now < foundUntil || !target()) return;
  const feedback = feedbackOn(reading, target(), signs);
  // A game asks whether one knows the sign; its drawing is one key away.
  const guessing = !hinted() && (feedback.kind === "wrong" || feedback.kind === "unsure");
  if (guessing) feedback.advice = `Not ${target()} yet. The hand can be shown.`;
  showFeedback(feedback, feedback.kind === "right" ? reading.progress : 0, now);
}

/** @param {string} sign that was held long enough to be written */
function committed(sign) {
  if (sign === target()) found();
  else if (sign.length === 1) {
    cleanSoFar = false;
    game?.commit(sign, performance.now());
  }
}

/* What is told */

/** @param {Feedback} feedback @param {number} held @param {number} now */
function showFeedback({ kind, title, advice }, held, now) {
  if (title !== lasting.title) lasting = { title, since: now, said: false };
  const lasts = now - lasting.since;
  if (kind === "right" || lasts >= SHOWN_AFTER_MS) view.say(kind, title, advice, held);
  if (lasting.said || lasts < SAID_AFTER_MS || kind === "right" || kind === "none") return; // the station says that no hand is in view
  lasting.said = true;
  if (title === lastSaid.title && now - lastSaid.at < SAID_AGAIN_MS) return;
  lastSaid = { title, at: now };
  announce(`${title}. ${advice}`);
}

function wait() {
  view.say("waiting", stream.open ? "Looking…" : "No server yet", "Hold up your hand and copy the sign.", 0);
}

/** @returns {[string, string]} */
function idleWords() {
  if (play === "paused") return ["Paused", "Press Go on when you are ready."];
  if (play === "setup" || play === "result") return ["Spell words", "Choose a list below."];
  return ["Copy the drawing", "Start the camera, and hold the sign before it."];
}

/** @param {string} title @param {string} advice */
function tellFound(title, advice) {
  foundUntil = performance.now() + FOUND_MS;
  lasting = { title: "", since: 0, said: false };
  view.say("found", title, advice, 1);
  announce(`${title}. ${advice}`);
}

/* What is asked for */

function target() {
  return play === "letter" ? letter : (game?.target ?? "");
}

/** Whether the drawing is shown. */
function hinted() {
  return play === "letter" || hintAfterSeconds === 0 || game?.hinted === true;
}

function showTarget() {
  const sign = target();
  if (!sign) return;
  view.showTarget(sign, signs[sign]?.how ?? "", hinted());
  const [worst] = pitfalls(sign, confusions[modelOf(sign)]?.[sign] ?? [], signs);
  view.showPitfalls(worst ? `Often taken for ${worst.sign}. ${worst.advice}` : "");
}

/** Asks the server to read with the model of the target. */
function followModel() {
  if (!target() || modelOf(target()) === model) return;
  model = modelOf(target());
  stream.mode({ model });
}

function found() {
  const sign = target();
  if (play === "game" && game) {
    game.commit(sign, performance.now());
    afterLetter(sign);
    return;
  }
  learn(sign, cleanSoFar);
  cleanSoFar = true;
  rounds += 1;
  view.showRounds(rounds);
  if (rounds < ROUNDS) {
    tellFound(`Found: ${sign}`, rounds === ROUNDS - 1 ? "Once more: lift your hand, and sign it again." : "Lift your hand, and sign it again.");
    return;
  }
  const next = neighbour(1);
  tellFound(`Found: ${sign}`, `Next: ${next}.`);
  nextTimer = window.setTimeout(() => ask(next), FOUND_MS);
}

/** @param {string} sign @param {boolean} cleanly */
function learn(sign, cleanly) {
  progress = withTry(progress, sign, cleanly);
  remember("progress", progress);
  view.showStages((one) => stageOf(progress, one));
}

/** @param {string} sign to practise now */
function ask(sign) {
  clearTimeout(nextTimer);
  play = "letter";
  letter = sign;
  rounds = 0;
  cleanSoFar = true;
  foundUntil = 0;
  game = null;
  view.showPlay(play);
  view.showRounds(0);
  followModel();
  showTarget();
  if (station.running) wait();
  else view.say("waiting", ...idleWords(), 0);
  history.replaceState(null, "", `?sign=${sign}`);
}

/** @param {1 | -1} step */
function neighbour(step) {
  return ORDER[(ORDER.indexOf(letter) + step + ORDER.length) % ORDER.length] ?? "A";
}

/* The game */

function showSetup() {
  clearTimeout(nextTimer);
  play = "setup";
  game = null;
  view.showPlay(play);
  view.say("waiting", ...idleWords(), 0);
}

/** @param {string[]} chosen */
function begin(chosen) {
  if (chosen.length === 0) {
    view.showSetupError("There is no word to spell here. Write some with the letters A to Z or digits.");
    return;
  }
  view.showSetupError("");
  words = chosen;
  game = new Game(words, performance.now());
  play = "game";
  foundUntil = 0;
  view.showPlay(play);
  followModel();
  showWord();
  if (station.running) wait();
  else {
    pause(true);
    station.toggle();
  }
  element("board", HTMLElement).focus({ preventScroll: false });
}

function showWord() {
  if (!game) return;
  view.showWord(game.word, game.wordTallies);
  view.showWordNumber(game.wordNumber, game.wordCount);
  showTarget();
  tick();
}

/** @param {string} sign that was dealt with */
function afterLetter(sign) {
  if (!game) return;
  const tally = game.tallies.at(-1);
  if (tally && !tally.skipped) learn(sign, clean(tally));
  if (game.over) {
    finish();
    return;
  }
  followModel();
  showWord();
  if (tally?.skipped) announce(`Skipped. Next: ${game.target}`);
  else tellFound(`Found: ${sign}`, game.letter === 0 ? `Next word: ${game.word}.` : `Next: ${game.target}.`);
}

function finish() {
  if (!game) return;
  const now = performance.now();
  game.end(now);
  const { found: count, skipped, accuracy, lettersAMinute, work } = resultOf(game.tallies, game.playedMs(now));
  play = "result";
  view.showPlay(play);
  view.say("waiting", ...idleWords(), 0);
  view.showResult(
    count > 0 ? "Well spelt" : "The game is over",
    [
      ["letters found", String(count)],
      ["letters skipped", String(skipped)],
      ["at the first try", accuracy === null ? "–" : `${Math.floor(accuracy * 100)}%`],
      ["time", clock(game.playedMs(now) / 1000)],
      ["letters a minute", lettersAMinute.toFixed(1)],
    ],
    work.map((sign) => ({ sign, how: signs[sign]?.how ?? "" })),
  );
  showHand(hand);
  element("result-title", HTMLElement).focus();
}

/** @param {boolean} forCamera whether the game goes on by itself once the camera does */
function pause(forCamera = false) {
  if (!game || play !== "game") return;
  waitsForCamera = forCamera;
  game.pause(performance.now());
  play = "paused";
  view.showPlay(play);
  view.say("waiting", ...idleWords(), 0);
}

function goOn() {
  if (!game || play !== "paused") return;
  if (!station.running) {
    waitsForCamera = true;
    station.toggle();
    return;
  }
  waitsForCamera = false;
  game.resume(performance.now());
  play = "game";
  view.showPlay(play);
  wait();
}

function showHint() {
  if (!game || play !== "game" || game.hinted) return;
  game.hint();
  showTarget();
  announce(signs[game.target]?.how ?? "");
}

function skip() {
  if (!game || play !== "game") return;
  const sign = game.target;
  game.skip(performance.now());
  foundUntil = 0;
  afterLetter(sign);
}

function tick() {
  if (!game || play !== "game") return;
  const now = performance.now();
  view.showClock(game.playedMs(now));
  const left = hintAfterSeconds - game.letterMs(now) / 1000;
  if (hintAfterSeconds > 0 && left <= 0) showHint();
  view.showHintSaid(hintAfterSeconds > 0 && left > 0 && !game.hinted ? `The hand is shown in ${Math.ceil(left)} s.` : "");
}

/* Choices, buttons and keys */

/** The drawing follows the hand that is seen, or chosen. @param {Hand} chosen */
function showHand(chosen) {
  hand = chosen;
  rememberHand(hand);
  view.showHand(hand);
}

function startSign() {
  const asked = new URLSearchParams(location.search).get("sign") ?? "";
  return ORDER.includes(asked) ? asked : "A";
}

/** @template {string} Choice @param {string} name @param {Choice[]} known @param {Choice} otherwise @returns {Choice} */
function recallChoice(name, known, otherwise) {
  const stored = /** @type {Record<string, unknown> | null} */ (recall("choices"))?.[name];
  return known.find((one) => one === stored) ?? otherwise;
}

function forget() {
  const before = progress;
  progress = {};
  remember("progress", null);
  view.showStages((one) => stageOf(progress, one));
  const undo = () => {
    progress = before;
    remember("progress", progress);
    view.showStages((one) => stageOf(progress, one));
    notices.notice("forgotten", null);
  };
  notices.notice("forgotten", { tone: "good", text: "Forgotten on this machine.", action: { label: "Undo", run: undo } }, 10);
}

function setUpLists() {
  const stored = recall("game-list");
  const all = [...LISTS.map(({ id, name, level }) => ({ id, name, note: LEVELS[level] })), { id: OWN, name: "My own words", note: "any" }];
  element("lists", HTMLFieldSetElement).append(
    ...all.map(({ id, name, note }, place) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const words = document.createElement("span");
      const small = document.createElement("small");
      Object.assign(input, { type: "radio", name: "list", value: id, checked: all.some((one) => one.id === stored) ? id === stored : place === 0 });
      small.textContent = note;
      words.append(name, small);
      label.append(input, words);
      return label;
    }),
  );
  element("own", HTMLTextAreaElement).value = String(recall("game-words") ?? "");
  showOwn();
}

function chosenList() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="list"]:checked'))?.value ?? "";
}

function showOwn() {
  element("own-label", HTMLElement).hidden = chosenList() !== OWN;
}

function beginChosen() {
  const own = element("own", HTMLTextAreaElement).value;
  const list = chosenList();
  remember("game-list", list);
  if (list === OWN) remember("game-words", own || null);
  hintAfterSeconds = Number(element("hint-after", HTMLSelectElement).value);
  const all = list === OWN ? wordsFrom(own) : (LISTS.find(({ id }) => id === list)?.words ?? []);
  begin(draw(all, Number(element("count", HTMLSelectElement).value), Math.random));
}

/** @type {Record<string, () => void>} */
const KEYS = {
  v: () => station.toggle(),
  f: () => station.toggleFinder(),
  n: () => (play === "letter" ? ask(neighbour(1)) : skip()),
  b: () => play === "letter" && ask(neighbour(-1)),
  h: showHint,
  p: () => (play === "paused" ? goOn() : pause()),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (recall("single-keys") === false) return;
  if (event.target instanceof HTMLElement && event.target.matches("textarea, select")) return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const [id, act] of /** @type {[string, () => void][]} */ ([
  ["next", () => ask(neighbour(1))],
  ["back", () => ask(neighbour(-1))],
  ["forget", forget],
  ["pause", () => KEYS["p"]?.()],
  ["hint", showHint],
  ["skip", skip],
  ["end", finish],
  ["again", () => begin(draw(words, words.length, Math.random))],
  ["other", showSetup],
])) {
  element(id, HTMLButtonElement).addEventListener("click", act);
}

document.addEventListener("click", ({ target: clicked }) => {
  const button = clicked instanceof Element ? clicked.closest("button[data-sign]") : null;
  if (!button) return;
  ask(button.getAttribute("data-sign") ?? "A");
  if (button.classList.contains("work-sign")) element("board", HTMLElement).focus();
});

document.addEventListener("change", ({ target: changed }) => {
  if (!(changed instanceof HTMLInputElement)) return;
  if (changed.name === "play") changed.value === "letter" ? ask(letter) : showSetup();
  if (changed.name === "list") showOwn();
  if (changed.name !== "hand") return;
  showHand(changed.value === "left" ? "left" : "right");
  station.setHand(hand);
  stream.mode({ hand });
});

element("setup", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  beginChosen();
});

setUpLists();
showHand(hand);
station.setHand(hand);
view.showPlay(play);
view.showRounds(0);
view.showStages((one) => stageOf(progress, one));
showTarget();
station.open();
setInterval(tick, TICK_MS);
