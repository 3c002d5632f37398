/**
 * The board for the projector: a tile for each pupil, calm, and readable from the last row.
 *
 * @typedef {import("./feed.js").ClassSettings} ClassSettings
 * @typedef {import("./feed.js").Tile} Tile
 */

import { turnColours } from "../colours.js";
import { element, part } from "../element.js";
import { announce } from "../notices.js";
import { call } from "./api.js";
import { Feed, shortSign, showPresence } from "./feed.js";
import { gridFor } from "./layout.js";
import { showLetters, standingOf, taskWords, timeWords } from "./task.js";

const list = element("tiles", HTMLElement);
const code = list.dataset["code"] ?? "";

/** @type {Map<string, HTMLElement>} */
const tiles = new Map();
/** @type {ClassSettings | null} */
let settings = null;

const feed = new Feed(code, {
  onChange(now, changed, gone) {
    const still = now.frozen && settings !== null; // a board that is opened while frozen shows how things stand, once
    const thawed = settings?.frozen && !now.frozen;
    settings = now;
    for (const id of gone) {
      tiles.get(id)?.remove();
      tiles.delete(id);
    }
    if (!still) for (const pupil of thawed ? feed.inOrder : changed) draw(pupil, now);
    showSettings(now);
    if (!still) showTask(now);
    arrange();
  },
  onConnection: (open) => say(open ? "" : "The server is away. The board stands still and goes on by itself."),
  onAway: (away) => say(away ? "The server cannot reach the classes. Pupils go on spelling, and the board catches up by itself." : ""),
  onOver: () => say("The class has ended. Its names and texts are deleted."),
});

/** @param {Tile} pupil @param {ClassSettings} now */
function draw(pupil, now) {
  const tile = tiles.get(pupil.id) ?? add(pupil);
  const name = now.names_hidden ? `Pupil ${pupil.seat}` : pupil.name;
  const was = tile.dataset["connected"];
  showPresence(tile, pupil);
  if (was !== undefined && was !== tile.dataset["connected"]) announce(`${name} is ${pupil.connected ? "here" : "away"}`);
  const sign = pupil.connected ? shortSign(pupil.sign) : "";
  tile.dataset["state"] = !sign ? "none" : pupil.progress >= 1 ? "spent" : "held";
  part(tile, ".tile-sign").textContent = sign;
  part(tile, ".tile-name").textContent = name;
  part(tile, ".tile-text span").textContent = pupil.text;
  part(tile, ".tile-spotlight").setAttribute("aria-label", `Spotlight on ${name}`);
  drawTask(tile, pupil, now);
  const ring = /** @type {SVGElement | null} */ (tile.querySelector(".ring-progress"));
  if (ring) ring.style.strokeDashoffset = String(100 - 100 * (sign ? pupil.progress : 0));
}

/** @param {HTMLElement} tile @param {Tile} pupil @param {ClassSettings} now */
function drawTask(tile, pupil, now) {
  part(tile, ".tile-task").hidden = !pupil.task;
  delete tile.dataset["task"];
  if (!pupil.task || !now.task) return;
  const { standing, words } = standingOf(pupil.task, pupil.connected, now.task.begun, feed.now);
  tile.dataset["task"] = standing;
  showLetters(part(tile, ".tile-letters"), pupil.task.word, pupil.task.done);
  const state = part(tile, ".tile-state");
  if (state.textContent !== words) state.textContent = words;
}

/** The clocks of the task; a frozen board's stand still. */
function tick() {
  if (!settings || settings.frozen) return;
  for (const pupil of feed.inOrder) {
    const tile = tiles.get(pupil.id);
    if (tile) drawTask(tile, pupil, settings);
  }
  if (settings.task) element("task-time", HTMLElement).textContent = timeWords(feed.now - settings.task.begun);
}

/** @param {ClassSettings} now */
function showTask(now) {
  element("board-task", HTMLElement).hidden = !now.task;
  if (!now.task) return;
  element("task-words", HTMLElement).textContent = taskWords(now.task);
  const { done, of } = feed.tally;
  const words = `${done} of ${of} ${of === 1 ? "has" : "have"} it`;
  const tally = element("task-tally", HTMLElement);
  if (tally.textContent !== words) tally.textContent = words;
}

/** @param {Tile} pupil */
function add(pupil) {
  const content = /** @type {DocumentFragment} */ (element("tile", HTMLTemplateElement).content.cloneNode(true));
  const tile = /** @type {HTMLElement} */ (content.firstElementChild);
  part(tile, ".tile-spotlight").addEventListener("click", () => {
    change({ spotlight: settings?.spotlight === pupil.id ? null : pupil.id });
  });
  tiles.set(pupil.id, tile);
  list.append(tile);
  return tile;
}

/** What holds also while the board stands still: names, who is shown, and what the buttons say. @param {ClassSettings} now */
function showSettings(now) {
  const spotlight = now.spotlight !== null && tiles.has(now.spotlight) ? now.spotlight : null;
  for (const pupil of feed.inOrder) {
    const tile = tiles.get(pupil.id);
    if (!tile) continue;
    const name = now.names_hidden ? `Pupil ${pupil.seat}` : pupil.name;
    part(tile, ".tile-name").textContent = name;
    tile.hidden = spotlight !== null && spotlight !== pupil.id;
    part(tile, ".tile-spotlight").setAttribute("aria-pressed", String(spotlight === pupil.id));
  }
  element("names", HTMLElement).setAttribute("aria-pressed", String(now.names_hidden));
  element("freeze", HTMLElement).setAttribute("aria-pressed", String(now.frozen));
  element("everyone", HTMLElement).hidden = spotlight === null;
  document.documentElement.dataset["frozen"] = String(now.frozen);
  element("empty", HTMLElement).hidden = feed.pupils.size > 0;
  element("board-join", HTMLElement).hidden = feed.pupils.size === 0;
  list.hidden = feed.pupils.size === 0;
  if (now.frozen) say("Frozen: the board stands still.");
  else if (element("notice", HTMLElement).textContent?.startsWith("Frozen")) say("");
}

/** The seats in order, and tiles as large as they go. */
function arrange() {
  for (const pupil of feed.inOrder) {
    const tile = tiles.get(pupil.id);
    if (tile && list.lastElementChild !== tile) list.append(tile);
  }
  const shown = [...tiles.values()].filter((tile) => !tile.hidden).length;
  const { columns, rows } = gridFor(shown, list.clientWidth, list.clientHeight);
  list.style.setProperty("--columns", String(columns));
  list.style.setProperty("--rows", String(rows));
}

/** @param {Partial<ClassSettings>} wanted */
async function change(wanted) {
  const { problem } = await call("PATCH", `/api/class/${code}`, wanted);
  if (problem) say(problem);
}

/** @param {string} words */
function say(words) {
  const notice = element("notice", HTMLElement);
  if (notice.textContent !== words) notice.textContent = words;
}

/** @type {Record<string, () => void>} */
const KEYS = {
  n: () => change({ names_hidden: !settings?.names_hidden }),
  f: () => change({ frozen: !settings?.frozen }),
  e: () => change({ spotlight: null }),
  s: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen().catch(() => {})),
  t: turnColours,
};

for (const [id, key] of /** @type {const} */ ([
  ["names", "n"],
  ["freeze", "f"],
  ["everyone", "e"],
  ["screen", "s"],
])) {
  element(id, HTMLButtonElement).addEventListener("click", () => KEYS[key]?.());
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  KEYS[event.key.toLowerCase()]?.();
});

addEventListener("resize", arrange);
setInterval(tick, 1000);
