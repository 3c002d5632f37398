/**
 * Where the page's parts meet: what is decided, is decided here.
 *
 * @typedef {import("./types.d.ts").EditOp} EditOp
 * @typedef {import("./types.d.ts").Hello} Hello
 * @typedef {import("./types.d.ts").Reading} Reading
 * @typedef {import("./types.d.ts").FrameRefusal} FrameRefusal
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {import("./types.d.ts").Settings} Settings
 * @typedef {Pick<Settings, "model" | "pace" | "hand">} Choices
 */

import { io } from "../vendor/socket.io.esm.min.js";
import { Captions } from "./captions.js";
import { showClass, showHintHand } from "./class/bar.js";
import { turnColours } from "./colours.js";
import { element } from "./element.js";
import { Keep } from "./keep.js";
import { commandFor } from "./keys.js";
import { recall, recallInTab, remember, rememberInTab } from "./memory.js";
import { announce, Notices } from "./notices.js";
import { ownHand, rememberHand } from "./ownhand.js";
import { OwnWords } from "./ownwords.js";
import { Projector } from "./projector.js";
import { NO_WORDS, Proposals } from "./proposals.js";
import { Recording } from "./recording.js";
import { Station } from "./station.js";
import { Stream } from "./stream.js";
import { Text } from "./text.js";
import { View } from "./view.js";
import { Voice } from "./voice.js";
import { BUSY_WORDS, candidatesOf, lastWord, nameOf, percent, proposedFor, reliabilityWords, roomLeft, spokenFor, stateOf } from "./words.js";

const SLOW_MS = 800;

const NOTICES = /** @type {const} */ (["connection", "camera", "full", "keeping", "greeting", "frame", "edit", "recording", "finder", "busy", "slow", "away", "room"]);

const view = new View();
const notices = new Notices(NOTICES);
const voice = new Voice((notice, seconds) => notices.notice("edit", notice, seconds));
const captions = new Captions();
const recording = new Recording(
  (notice, seconds) => notices.notice("recording", notice, seconds),
  () => text.all,
);
const keep = new Keep(
  (notice, seconds) => notices.notice("keeping", notice, seconds),
  () => stream.token,
);
const projector = new Projector((open) => {
  view.fitText();
  if (!open) notices.notice("camera", null); // the advice itself is there again
});
const proposals = new Proposals((word) => edit("take", word));
const ownWords = new OwnWords(async (list) => {
  const reply = await stream.vocabulary(list);
  if (reply?.words) showWords(reply.words);
  return reply;
});
const inClass = document.getElementById("class-bar") !== null;
const tab = takeTab();
const text = new Text(tab.kept, tab.held);
let textLimit = Infinity;
let singleKeys = recall("single-keys") !== false;
let wasOpen = false;
/** Whether something was chosen that the server has not heard of yet. */
let choicePending = false;
/** Whether the sign that is held was refused for want of room. */
let unwritten = false;
/** By model and sign: how far a sign can be relied on. @type {Record<string, Record<string, number>>} */
let reliability = {};

/**
 * What this page wants of the server, which may be restarted and forget it. The model is not remembered on this machine: a page
 * that opens in digits mode would surprise.
 *
 * @type {Choices}
 */
const choices = { model: "letters", pace: "normal", hand: "right", ...recallChoices() };
if (inClass) showHintHand(choices.hand);

const station = new Station({
  onCapture: (capture) => (capture ? stream.start(capture) : stream.stop()),
  onFrame: (t) => stream.frameArrived(t),
  onCamera: showCamera,
  onHand: showOwnHand,
  notice: (...said) => notices.notice(...said),
});

const stream = new Stream(io, tab.token, {
  onHello: greet,
  onKeeping: (keeping) => keep.tell(keeping),
  onConnection: showConnection,
  onReading: read,
  onRefusal: refuse,
  ...(inClass && { onClass: hearOfClass, onAway: showAway }),
  onBusy: (busy) => notices.notice("busy", busy ? { tone: "calm", text: BUSY_WORDS } : null),
  onSilence: () =>
    notices.notice("frame", { tone: "warn", text: "The server gave no answer for five seconds. Trying again with a new picture." }, 6),
  onCaptureError: (error) => notices.notice("frame", { tone: "bad", text: `No picture could be taken: ${error.message}` }, 6),
  onFigures: (figures) => {
    view.showFigures(figures);
    const slow = station.running && (figures.round_trip_ms ?? 0) > SLOW_MS;
    notices.notice("slow", slow ? { tone: "warn", text: "The server answers slowly: letters appear late." } : null);
  },
});

/** @param {import("./class/bar.js").ClassMessage} message */
function hearOfClass(message) {
  showClass(message);
  // The class has all of a pupil's text; what the page kept while nobody could tell whose it was stands twice now.
  if (!("over" in message) && text.keepNothing()) showText("restored");
}

/** @param {boolean} away */
function showAway(away) {
  const text = "The class is out of reach. Go on spelling: the board catches up.";
  notices.notice("away", away ? { tone: "warn", text } : null);
}

/* The camera */

/** @param {import("./station.js").CameraState} state @param {string | null} trouble */
function showCamera(state, trouble) {
  recording.camera(state);
  // The large view has no room for the advice itself.
  const text = `${trouble}. Leave the large text to see what to do.`;
  notices.notice("camera", trouble && projector.open ? { tone: "bad", text } : null);
  if (state === "on") view.showNoReading(stream.open ? "Looking…" : "No server", "waiting");
  else view.showNoReading(state === "paused" ? "Paused" : "Camera off", "off");
  if (state === "off") notices.notice("slow", null);
}

/* The server's words */

/** @param {Hello} hello */
function greet(hello) {
  const shown = text.all;
  textLimit = hello.text_limit;
  reliability = Object.fromEntries(Object.entries(hello.models).map(([name, model]) => [name, model.reliability]));
  view.showPaces(hello.paces);
  showMeasured();
  if (hello.resumed) text.update(hello.text);
  else text.restart(hello.text);
  showText("restored");
  showWords(hello.words);
  ownWords.greeted(hello.settings_resumed);
  if (wasOpen) {
    const text =
      hello.resumed || !shown
        ? "The server is back. Nothing was lost."
        : "The server is back. It had forgotten the text; this page had not.";
    notices.notice("greeting", { tone: "good", text }, 8);
  }
  wasOpen = true;
  keep.greet(hello.keeping);
  const { model, pace, hand } = hello.settings;
  if (hello.settings_resumed && !choicePending) adopt(hello.settings);
  else if (model !== choices.model || pace !== choices.pace || hand !== choices.hand) choose({ ...choices });
}

/** @param {import("./stream.js").Connection} connection */
function showConnection(connection) {
  document.documentElement.dataset["connection"] = connection;
  if (connection === "open") notices.notice("connection", null);
  if (connection === "connecting") notices.notice("connection", { tone: "calm", text: "Connecting to the server…" });
  if (connection === "gone") {
    const text = wasOpen
      ? "The server is gone. Your text is safe here; trying to reach it again…"
      : "The server cannot be reached. Trying again…";
    notices.notice("connection", { tone: "bad", text });
  }
  if (connection === "closed") {
    notices.notice("connection", {
      tone: "bad",
      text: "The server closed this connection; perhaps the text goes on in another tab.",
      action: { label: "Connect here", run: () => stream.reconnect() },
    });
  }
  if (connection === "open" || !station.running) return;
  station.forgetHand(); // without a server nobody looks
  if (!document.hidden) view.showNoReading("No server", "waiting");
}

/** @param {Reading} reading */
function read(reading) {
  if (text.update(reading.text)) showText("written");
  showWords(reading.words);
  if (reading.committed !== null) announce(spokenFor(reading.committed, text.all));
  const proposed =
    reading.committed === "space" && !text.parted ? proposedFor(reading.words, text.all, singleKeys) : null;
  if (proposed) announce(proposed);
  if (!station.running || document.hidden) return; // an answer that was under way when it stopped
  const state = stateOf(reading);
  if (state !== "spent" || reading.committed !== null) unwritten = false;
  const sign = reading.committed ?? reading.sign ?? "";
  // A space that a pause has written is nobody's sign.
  const share = reading.sign === null && sign === "space" ? undefined : reliability[choices.model]?.[sign];
  view.showReading({
    state: unwritten ? "unwritten" : state,
    finding: station.finding,
    sign: nameOf(sign),
    written: reading.committed === null ? null : nameOf(reading.committed),
    progress: reading.progress,
    candidates: candidatesOf(reading).map(([sign, share]) => ({ sign: nameOf(sign), share, percent: percent(share) })),
    reliability: share === undefined ? "" : reliabilityWords(share),
  });
}

/** @param {FrameRefusal} refusal */
function refuse({ error }) {
  if (error.code === "text_full") {
    unwritten = true;
    notices.notice("full", { tone: "bad", text: roomLeft(textLimit, textLimit) ?? error.message }, 6);
  } else if (error.code !== "superseded") {
    // We send one frame at a time: ours are superseded only where the model or the hand was changed meanwhile.
    notices.notice("frame", { tone: "bad", text: `The server could not use a picture: ${error.message}` }, 6);
  }
}

/* The text */

/** @param {import("./endings.js").Cause} cause */
function showText(cause) {
  const { length } = text.held;
  view.showText(text.all);
  captions.write(text.all);
  voice.heard(text.all, cause);
  view.showCount(length > 0 && textLimit < Infinity ? `${length} of ${textLimit.toLocaleString("en-GB")}` : "");
  if (length < textLimit) notices.notice("full", null);
  const room = roomLeft(length, textLimit);
  notices.notice("room", room ? { tone: "warn", text: room } : null);
}

/** What the page has kept of the last word the server cannot take into account. @param {import("./types.d.ts").Words} words */
function showWords(words) {
  proposals.show(text.parted ? NO_WORDS : words, lastWord(text.all));
}

/** @param {EditOp} op @param {string} [word] to take */
async function edit(op, word) {
  if (!stream.open) {
    notices.notice("edit", { tone: "warn", text: "The text can be changed again once the server is back." }, 5);
    return;
  }
  const cause = op === "undo" ? "restored" : op === "take" ? "corrected" : "written";
  const asksServer = text.edit(op);
  showText(cause);
  if (!asksServer) return;
  const before = text.all;
  const reply = await stream.edit(op, word);
  if (!reply) {
    notices.notice("edit", { tone: "warn", text: "The server did not answer. Try again." }, 5);
    return;
  }
  if (reply.text !== undefined) text.update(reply.text, op === "undo" ? -1 : 1); // a server that failed says only what went wrong
  showText(cause);
  if (reply.words) showWords(reply.words);
  if (reply.error) notices.notice("edit", { tone: "warn", text: reply.error.message }, 5);
  else announce(saidOfEdit(op, before));
}

/** @param {number} place */
function takeWord(place) {
  if (!proposals.take(place)) notices.notice("edit", { tone: "calm", text: "There is no likely word in that place now." }, 4);
}

/** @param {EditOp} op @param {string} before */
function saidOfEdit(op, before) {
  if (op === "space") return "space";
  if (op === "clear") return "cleared";
  if (op === "take") return `taken: ${lastWord(text.all)}`;
  if (op === "undo") return `undone. ${text.all ? `Text: ${text.all}` : "The text is empty"}`;
  return before ? `deleted ${nameOf(before.at(-1) === " " ? "space" : (before.at(-1) ?? ""))}` : "nothing to delete";
}

async function copy() {
  if (!text.all) {
    notices.notice("edit", { tone: "calm", text: "There is nothing to copy yet." }, 4);
    return;
  }
  try {
    await navigator.clipboard.writeText(text.all);
    notices.notice("edit", { tone: "good", text: "Copied." }, 3);
  } catch {
    // An insecure page has no clipboard, and a person may refuse it: the text can still be selected for them.
    getSelection()?.selectAllChildren(element("text", HTMLElement));
    notices.notice("edit", { tone: "warn", text: "The browser does not let this page copy. The text is selected: press Ctrl+C." }, 8);
  }
}

/* Choices */

/** @param {Partial<Choices>} change */
async function choose(change) {
  adopt({ ...choices, ...change });
  const reply = await stream.mode(change);
  choicePending = reply === null; // without a server the choice waits here, and greet() hands it on
  if (!reply) return;
  if (reply.error) notices.notice("edit", { tone: "warn", text: reply.error.message }, 5);
  if (reply.model !== undefined) adopt(reply);
}

/** @param {Choices} chosen */
function adopt({ model, pace, hand }) {
  Object.assign(choices, { model, pace, hand });
  remember("choices", { pace });
  station.setHand(hand);
  view.showChoices(choices);
  showMeasured();
}

/** @param {Hand} hand */
function chooseHand(hand) {
  showOwnHand(hand);
  choose({ hand });
}

/** Turns what is drawn for this person, who signs with this hand. @param {Hand} hand */
function showOwnHand(hand) {
  rememberHand(hand);
  if (inClass) showHintHand(hand);
}

function showMeasured() {
  view.showMeasured(Object.keys(reliability[choices.model] ?? {}).length > 0);
}

/** @returns {Partial<Choices>} */
function recallChoices() {
  const stored = /** @type {Record<string, unknown> | null} */ (recall("choices"));
  /** @type {Partial<Choices>} */
  const recalled = { hand: ownHand() };
  const pace = stored?.["pace"];
  if (pace === "slow" || pace === "fast" || pace === "expert") recalled.pace = pace;
  return recalled;
}

/* One tab's place, over a reload */

/**
 * The token is taken out of storage while the page is open and put back when it goes: a duplicated tab copies the storage, and
 * two pages with one token would take the session from each other for ever.
 */
function takeTab() {
  const stored = /** @type {Record<string, unknown> | null} */ (recallInTab("tab"));
  rememberInTab("tab", null);
  /** @param {string} name */
  const string = (name) => (typeof stored?.[name] === "string" ? stored[name] : "");
  return { token: string("token") || null, kept: string("kept"), held: string("held") };
}

function leaveTab() {
  rememberInTab("tab", { token: stream.token, kept: text.kept, held: text.held });
}

/* Buttons, keys and the page's comings and goings */

/** @type {Record<import("./keys.js").Command, () => void>} */
const COMMANDS = {
  camera: () => station.toggle(),
  space: () => edit("space"),
  delete: () => edit("delete"),
  undo: () => edit("undo"),
  clear: () => edit("clear"),
  "word-1": () => takeWord(0),
  "word-2": () => takeWord(1),
  "word-3": () => takeWord(2),
  "word-4": () => takeWord(3),
  "word-5": () => takeWord(4),
  "word-6": () => takeWord(5),
  "own-words": () => ownWords.open(),
  copy,
  speak: () => voice.speak(text.all),
  "speak-words": () => voice.toggleEachWord(),
  captions: () => captions.toggle(),
  record: () => recording.toggle(),
  large: () => projector.toggle(),
  letters: () => choose({ model: "letters" }),
  digits: () => choose({ model: "digits" }),
  hand: () => {
    if (!station.finding) chooseHand(choices.hand === "right" ? "left" : "right");
    else notices.notice("edit", { tone: "calm", text: "Which hand it is, is found automatically." }, 5);
  },
  slow: () => choose({ pace: "slow" }),
  normal: () => choose({ pace: "normal" }),
  fast: () => choose({ pace: "fast" }),
  expert: () => choose({ pace: "expert" }),
  find: () => station.toggleFinder(),
  guide: () => station.focusGuide(),
  reset: () => station.resetGuide(),
  theme: turnColours,
  help: () => {
    const keys = element("keys", HTMLDialogElement);
    if (keys.open) keys.close();
    else keys.showModal();
  },
};

for (const [id, command] of /** @type {const} */ ([
  ["space", "space"],
  ["delete", "delete"],
  ["undo", "undo"],
  ["clear", "clear"],
  ["copy", "copy"],
  ["speak", "speak"],
  ["speak-words", "speak-words"],
  ["captions", "captions"],
  ["record", "record"],
  ["help", "help"],
])) {
  element(id, HTMLButtonElement).addEventListener("click", () => COMMANDS[command]());
}

element("voice-open", HTMLButtonElement).addEventListener("click", () => voice.choose());

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target.id === "single-keys") {
    singleKeys = target.checked;
    remember("single-keys", singleKeys ? null : false);
  }
  if (target.name === "model" || target.name === "pace") choose({ [target.name]: target.value });
  if (target.name === "hand") chooseHand(target.value === "left" ? "left" : "right");
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const dialog = document.querySelector("dialog[open]");
  const command = commandFor(event, placeOf(event.target), singleKeys);
  if (!command || (dialog && (dialog.id !== "keys" || command !== "help"))) return;
  event.preventDefault(); // also of a key held down, which would scroll the page or leave it
  if (!event.repeat) COMMANDS[command]();
});

/** @param {EventTarget | null} target @returns {import("./keys.js").Place} */
function placeOf(target) {
  if (!(target instanceof HTMLElement)) return "page";
  if (target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return "text";
  if (target.matches("input")) return "choice";
  return target.matches("button, a, summary") ? "control" : "page";
}

addEventListener("resize", () => view.fitText());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) leaveTab();
  else takeTab();
});
addEventListener("pagehide", leaveTab);

element("single-keys", HTMLInputElement).checked = singleKeys;
adopt(choices);
station.open();
showText("restored");
