/**
 * The page to try pictures: it takes them, has the hand looked for, asks the server what it signs, and shows the answers. Here
 * its parts meet.
 *
 * @typedef {import("./types.d.ts").PictureAnswer} PictureAnswer
 * @typedef {import("./pictures/eye.js").Place} Place
 *
 * @typedef {object} Item a picture and what is known of it
 * @property {string} name
 * @property {Blob} blob
 * @property {string} address of the blob, for the page
 * @property {Card} card
 * @property {import("./tracker/messages.d.ts").Found | null} [found] once it has been looked for here
 * @property {import("./pictures/words.js").Row} [row] once it has been read, or could not be
 */

import { Camera, SENT_PX } from "./camera.js";
import { element } from "./element.js";
import { announce } from "./notices.js";
import { ask, AskError } from "./pictures/ask.js";
import { Card } from "./pictures/card.js";
import { Eye } from "./pictures/eye.js";
import { Queue } from "./pictures/queue.js";
import { frameOf, listen } from "./pictures/sources.js";
import { COLUMNS, csvOf, failedRow, pastedOf, rowOf, spokenOf, summaryWords } from "./pictures/words.js";
import { cameraAdvice } from "./words.js";

/** Of more pictures than this the end is told, and not each. */
const TOLD_ONE_BY_ONE = 3;

/** @type {PictureAnswer} */
const NO_HAND = {
  name: "",
  sign: null,
  believed: false,
  reason: { code: "no_hand", message: "" },
  reliability: null,
  probabilities: null,
  hand: null,
  crop: null,
  landmarks: null,
};

/** @type {Record<Place, string>} */
const PRIVACY = {
  loading: "Getting ready to find hands in this browser. Nothing is sent yet.",
  here: "Your pictures stay in this browser. Only a small square round the hand, and where its joints are, go to this server: read and forgotten, nothing kept.",
  server: "This browser cannot look for hands by itself. Whole pictures go to this server and nowhere else: read and forgotten, nothing kept.",
};

/** What a picture waits for. @type {Record<Place, string>} */
const WAITING = {
  loading: "Waiting for the hand finder…",
  here: "Waiting…",
  server: "Waiting for your word that it may be sent",
};

/** @param {string} id */
const html = (id) => element(id, HTMLElement);
const video = element("video", HTMLVideoElement);

/** @type {Item[]} in the order in which they came */
let items = [];
/** Whether the person has agreed to send whole pictures. */
let wholeAllowed = false;
let framesTaken = 0;

const eye = new Eye(showPlace);
const queue = new Queue(read, showProgress);
const camera = new Camera(video, () => {}, () => showCamera("failed", "Ended"));

/* Pictures come */

/** @param {{name: string, blob: Blob}[]} pictures */
function add(pictures) {
  say("");
  const first = items.length;
  for (const { name, blob } of pictures) {
    const address = URL.createObjectURL(blob);
    /** @type {Item} */
    const item = { name, blob, address, card: new Card(name, address, { onRemove: () => remove(item), onRetry: () => again(item) }) };
    items.push(item);
    wait(item);
    html("pictures").append(item.card.element);
    queue.add(item);
  }
  showResults();
  items[first]?.card.element.scrollIntoView({ block: "nearest" });
}

/** @param {File[]} files */
function addFiles(files) {
  if (files.length) add(files.map((file) => ({ name: file.name || "Pasted picture", blob: file })));
  else say("That was no picture. Copy a picture itself, not its address, or choose a file.");
}

async function takeFrame() {
  framesTaken += 1;
  add([{ name: `Camera ${framesTaken}`, blob: await frameOf(video) }]);
}

/** @param {Item} item */
function again(item) {
  delete item.row;
  wait(item);
  queue.add(item);
  item.card.focusable.focus(); // the button that was pressed is gone
}

/** @param {Item} item */
function remove(item) {
  const place = items.indexOf(item);
  forget(item);
  items = items.filter((other) => other !== item);
  (items[place] ?? items[place - 1])?.card.focusable.focus();
  if (!items.length) html("choose").focus();
  showResults();
}

function clear() {
  for (const item of items) forget(item);
  items = [];
  showResults();
  html("choose").focus();
}

/** @param {Item} item */
function forget(item) {
  queue.drop(item);
  item.card.element.remove();
  URL.revokeObjectURL(item.address);
}

/* Pictures are read */

/** @param {Item} item @returns {Promise<"done" | "later">} */
async function read(item) {
  item.card.work("Looking for the hand…");
  const model = chosenModel();
  try {
    const outcome = eye.place === "here" ? await readHand(item, model) : await readWhole(item, model);
    if (outcome === undefined) {
      wait(item);
      return "later";
    }
    item.card.answer(outcome.answer);
    item.row = rowOf(item.name, outcome.model, outcome.answer);
    tell(spokenOf(item.name, outcome.answer));
  } catch (error) {
    const why = error instanceof AskError ? error.message : unreadable(error);
    item.card.fail(why);
    item.row = failedRow(item.name, why);
    tell(`${item.name}: not read`);
  }
  showResults();
  return "done";
}

/** @typedef {{answer: PictureAnswer, model: string}} Outcome */

/**
 * Finds the hand here and sends nothing else.
 *
 * @param {Item} item
 * @param {string} model
 * @returns {Promise<Outcome | undefined>} undefined where this browser has given up looking
 */
async function readHand(item, model) {
  if (item.found === undefined) {
    const picture = await createImageBitmap(item.blob);
    const size = { width: picture.width, height: picture.height };
    const found = await eye.find(picture, SENT_PX);
    if (found === undefined) return undefined;
    item.found = found;
    if (found?.jpeg) {
      item.card.outline(found, size);
      const crop = await createImageBitmap(new Blob([found.jpeg], { type: "image/jpeg" }));
      item.card.showCrop(crop, { left: 0, top: 0, side: crop.width });
    }
  }
  const { found } = item;
  if (!found?.jpeg) return { answer: NO_HAND, model: "" };
  item.card.work("Reading…");
  const crop = new Blob([found.jpeg], { type: "image/jpeg" });
  const landmarks = JSON.stringify(found.crop_landmarks.map((number) => Number(number.toFixed(5))));
  return outcomeOf(await ask(crop, { model, hand: found.hand, landmarks }, (seconds) => item.card.work(busyWords(seconds))));
}

/**
 * Sends the whole picture.
 *
 * @param {Item} item
 * @param {string} model
 * @returns {Promise<Outcome>}
 */
async function readWhole(item, model) {
  const picture = await createImageBitmap(item.blob); // what this browser cannot open the server cannot either, or hardly
  const outcome = outcomeOf(await ask(item.blob, { model }, (seconds) => item.card.work(busyWords(seconds))));
  const { crop, landmarks } = outcome.answer;
  if (crop && landmarks) {
    const { width, height } = picture;
    const square = { left: crop.left * width, top: crop.top * height, side: crop.width * width };
    item.card.outline({ landmarks, crop: square }, { width, height });
    item.card.showCrop(picture, square);
  }
  picture.close();
  return outcome;
}

/** @param {import("./types.d.ts").PictureReply} reply @returns {Outcome} */
function outcomeOf({ model, pictures: [answer] }) {
  if (!answer) throw new AskError("The server gave no answer.");
  return { answer, model: `${model.name} ${model.version}` };
}

/** @param {number} seconds */
function busyWords(seconds) {
  return `The server is busy; asking again in ${seconds} s…`;
}

/** @param {unknown} error */
function unreadable(error) {
  console.warn(error);
  return "This browser cannot open it as a picture. Save it as JPEG, PNG or WebP and try again.";
}

function chosenModel() {
  return document.querySelector('input[name="model"]:checked')?.getAttribute("value") ?? "letters";
}

/** Everything is read anew, as the other kind of signs; hands that were found are not looked for again. */
function readAgain() {
  for (const item of items) {
    delete item.row;
    queue.drop(item);
    wait(item);
    queue.add(item);
  }
  showResults();
}

/* What the page shows */

/** @param {Place} place */
function showPlace(place) {
  html("privacy").textContent = PRIVACY[place];
  html("intake").dataset["place"] = place;
  html("consent").hidden = place !== "server" || wholeAllowed;
  for (const item of items) if (item.card.waits) wait(item);
  if (place === "here" || wholeAllowed) queue.go();
  else queue.hold();
}

/** @param {Item} item */
function wait(item) {
  item.card.wait(WAITING[wholeAllowed ? "here" : eye.place]);
}

function allowWhole() {
  wholeAllowed = true;
  showPlace(eye.place);
  html("choose").focus();
}

/** @param {number} done @param {number} total */
function showProgress(done, total) {
  const progress = element("progress", HTMLProgressElement);
  progress.max = Math.max(total, 1);
  progress.value = done;
  progress.hidden = html("progress-words").hidden = done === total;
  html("progress-words").textContent = `${done} of ${total} read`;
  if (done === total && total > TOLD_ONE_BY_ONE) announce(`All read. ${summaryWords(rows())}`);
}

/** @param {string} words */
function tell(words) {
  if (items.length && items.length <= TOLD_ONE_BY_ONE) announce(words);
}

function rows() {
  return items.flatMap(({ row }) => row ?? []);
}

function showResults() {
  html("results").dataset["empty"] = String(!items.length);
  const shown = rows();
  html("summary").hidden = !shown.length;
  html("summary-words").textContent = shown.length ? summaryWords(shown) : "";
  const columns = /** @type {(keyof typeof COLUMNS)[]} */ (Object.keys(COLUMNS));
  html("rows").replaceChildren(
    ...shown.map((row) => {
      const line = document.createElement("tr");
      line.append(
        ...columns.map((column, at) => {
          const cell = document.createElement(at ? "td" : "th");
          if (!at) cell.scope = "row";
          cell.textContent = row[column];
          return cell;
        }),
      );
      return line;
    }),
  );
}

/** @param {string} words */
function say(words) {
  html("said").textContent = words;
}

async function copyTable() {
  try {
    await navigator.clipboard.writeText(pastedOf(rows()));
    say("Copied. Paste it into a spreadsheet or a text.");
  } catch {
    // An insecure page has no clipboard, and a person may refuse it: the table can still be selected for them.
    getSelection()?.selectAllChildren(html("table"));
    say("The browser does not let this page copy. The table is selected: press Ctrl+C.");
  }
}

function saveTable() {
  const link = document.createElement("a");
  // The mark at the beginning tells spreadsheets that this is UTF-8.
  link.href = URL.createObjectURL(new Blob(["\ufeff", csvOf(rows())], { type: "text/csv" }));
  link.download = "handspell-pictures.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

/* The camera */

async function toggleCamera() {
  if (camera.running) {
    stopCamera();
    html("camera").focus();
    return;
  }
  showCamera("starting");
  try {
    if (!(await camera.start())) return;
    showCamera("on");
    html("take").focus();
  } catch (error) {
    stopCamera();
    showCamera("failed", error instanceof Error ? error.name : String(error));
  }
}

function stopCamera() {
  camera.stop();
  showCamera("off");
}

/** @param {"off" | "starting" | "on" | "failed"} state @param {string} error its name, which words.js has advice for */
function showCamera(state, error = "") {
  html("viewfinder").hidden = state !== "on";
  html("camera").setAttribute("aria-pressed", String(state === "on"));
  html("camera-label").textContent = state === "starting" ? "Waiting for the camera…" : state === "on" ? "Stop camera" : "Use camera";
  if (state !== "failed") {
    say("");
    return;
  }
  const { title, text } = cameraAdvice(error);
  say(`${title}. ${text.replaceAll("Start camera", "Use camera")}`);
}

/* Buttons, and the page's goings */

for (const [id, act] of /** @type {[string, () => void][]} */ ([
  ["choose", () => html("files").click()],
  ["camera", toggleCamera],
  ["take", takeFrame],
  ["allow", allowWhole],
  ["copy", copyTable],
  ["save", saveTable],
  ["clear", clear],
])) {
  element(id, HTMLButtonElement).addEventListener("click", act);
}
html("model").addEventListener("change", readAgain);
addEventListener("pagehide", stopCamera);
listen(element("files", HTMLInputElement), html("intake"), addFiles);

showResults();
eye.start();
