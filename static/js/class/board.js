/**
 * The board for the projector: a tile for each pupil, calm, and readable from the last row.
 *
 * @typedef {import("./feed.js").ClassSettings} ClassSettings
 * @typedef {import("./feed.js").Tile} Tile
 */

import { turnColours } from "../colours.js";
import { element, part, place } from "../element.js";
import { wordsFrom } from "../game.js";
import { announce } from "../notices.js";
import { BUSY_WORDS } from "../words.js";
import { call } from "./api.js";
import { Arena } from "./arena.js";
import { roundWords, winnerWords } from "./contest.js";
import { Feed, shortSign, showPresence } from "./feed.js";
import { gridFor } from "./layout.js";
import { showLetters, taskWords, timeWords } from "./task.js";

/** A name of more letters is written smaller, on two lines. */
const LONG_NAME = 9;

const list = element("tiles", HTMLElement);
const code = list.dataset["code"] ?? "";

/** @type {Map<string, HTMLElement>} */
const tiles = new Map();
/** @type {ClassSettings | null} */
let settings = null;
/** @param {Tile} pupil */
const nameOf = (pupil) => (settings?.names_hidden ? `Pupil ${pupil.seat}` : pupil.name);
const arena = new Arena(nameOf);

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
    showPlaces(now);
    showNames();
    arrange();
  },
  onConnection: (open) => say(open ? "" : "The server is away. The board stands still and goes on by itself."),
  onAway: (away) => say(away ? "The server cannot reach the classes. Pupils go on spelling, and the board catches up by itself." : ""),
  onBusy(busy) {
    // Whatever else is to be said is more pressing.
    const said = element("notice", HTMLElement).textContent;
    if (said === (busy ? "" : BUSY_WORDS)) say(busy ? BUSY_WORDS : "");
  },
  onOver: () => say("The class has ended. Its names and texts are deleted."),
});

/** Whether what is spelled would tell the names that are hidden. @param {ClassSettings} now */
function namesSpelled(now) {
  return now.names_hidden && now.task?.kind === "name";
}

/** `text` without a name that is hidden. @param {Tile} pupil @param {string} text @param {ClassSettings} now */
function shownText({ name }, text, now) {
  if (namesSpelled(now)) return "";
  const spelled = wordsFrom(name).join(" ");
  return now.names_hidden && spelled ? text.replaceAll(spelled, "•".repeat(spelled.length)) : text;
}

/** @param {Tile} pupil @param {ClassSettings} now */
function draw(pupil, now) {
  const tile = tiles.get(pupil.id) ?? add(pupil);
  const name = nameOf(pupil);
  const was = tile.dataset["connected"];
  showPresence(tile, pupil);
  if (was !== undefined && was !== tile.dataset["connected"]) announce(`${name} is ${pupil.connected ? "here" : "away"}`);
  const sign = pupil.connected ? shortSign(pupil.sign) : "";
  tile.dataset["state"] = !sign ? "none" : pupil.progress >= 1 ? "spent" : "held";
  part(tile, ".tile-sign").textContent = sign;
  showName(tile, name);
  part(tile, ".tile-text span").textContent = shownText(pupil, pupil.text, now);
  part(tile, ".tile-spotlight").setAttribute("aria-label", `Spotlight on ${name}`);
  drawTask(tile, pupil, now);
  const ring = /** @type {SVGElement | null} */ (tile.querySelector(".ring-progress"));
  if (ring) ring.style.strokeDashoffset = String(100 - 100 * (sign ? pupil.progress : 0));
}

/** @param {HTMLElement} tile @param {string} name */
function showName(tile, name) {
  const place = part(tile, ".tile-name");
  place.textContent = name;
  place.dataset["long"] = String(name.length > LONG_NAME);
}

/** @param {HTMLElement} tile @param {Tile} pupil @param {ClassSettings} now */
function drawTask(tile, pupil, now) {
  part(tile, ".tile-task").hidden = !pupil.task;
  delete tile.dataset["task"];
  tile.dataset["place"] = String(feed.contest?.places[pupil.id] ?? "");
  if (!pupil.task || !now.task) return;
  const { standing, words } = feed.standing(pupil, pupil.task, now.task);
  tile.dataset["task"] = standing;
  const { word, done, finished } = pupil.task;
  const secret = namesSpelled(now);
  showLetters(part(tile, ".tile-letters"), secret ? "" : word, done);
  write(part(tile, ".tile-state"), secret && finished === null ? `${done} of ${word.length} letters` : words);
}

/** The clocks of the task; a frozen board's stand still. */
function tick() {
  if (!settings || settings.frozen) return;
  for (const pupil of feed.inOrder) {
    const tile = tiles.get(pupil.id);
    if (tile) drawTask(tile, pupil, settings);
  }
  arena.show(feed, settings);
  if (settings.task) element("task-time", HTMLElement).textContent = timeWords(feed.now - settings.task.begun);
}

/** @param {ClassSettings} now */
function showTask(now) {
  element("board-task", HTMLElement).hidden = !now.task;
  arena.show(feed, now);
  if (!now.task) return;
  element("task-round", HTMLElement).textContent = feed.contest ? `${roundWords(feed.contest)}: spell` : "Spell";
  element("task-words", HTMLElement).textContent = taskWords(now.task);
  write(element("task-tally", HTMLElement), feed.tally);
}

/** What is true already stays as it is: a live region would say it again. @param {HTMLElement} where @param {string} words */
function write(where, words) {
  if (where.textContent !== words) where.textContent = words;
}

/** The names that a race or a relay shows, also where the board stands still. */
function showNames() {
  const name = (/** @type {string} */ id) => {
    const pupil = feed.pupils.get(id);
    return pupil ? nameOf(pupil) : "";
  };
  for (const shown of document.querySelectorAll("[data-pupil]")) {
    if (shown instanceof HTMLElement) write(shown, name(shown.dataset["pupil"] ?? ""));
  }
  write(element("task-first", HTMLElement), arena.contest ? winnerWords(arena.contest, name) : "");
}

/** @param {HTMLElement} tile @param {Tile} pupil @param {ClassSettings} now */
function hideSpelledName(tile, pupil, now) {
  const text = part(tile, ".tile-text span");
  write(text, shownText(pupil, text.textContent ?? "", now));
  if (!namesSpelled(now)) return;
  showLetters(part(tile, ".tile-letters"), "", 0);
  write(part(tile, ".tile-state"), "");
}

/** Either the pupils' tiles or the teams; a pupil in the spotlight stands before both. @param {ClassSettings} now */
function showPlaces(now) {
  const alone = now.spotlight !== null && tiles.has(now.spotlight);
  list.hidden = feed.pupils.size === 0 || (arena.isRelay && !alone);
  element("lanes", HTMLElement).hidden = !arena.isRelay || alone;
  element("score", HTMLElement).hidden = !arena.isRace || alone;
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
    showName(tile, nameOf(pupil));
    if (now.frozen && now.names_hidden) hideSpelledName(tile, pupil, now);
    tile.hidden = spotlight !== null && spotlight !== pupil.id;
    part(tile, ".tile-spotlight").setAttribute("aria-pressed", String(spotlight === pupil.id));
  }
  element("names", HTMLElement).setAttribute("aria-pressed", String(now.names_hidden));
  element("freeze", HTMLElement).setAttribute("aria-pressed", String(now.frozen));
  element("everyone", HTMLElement).hidden = spotlight === null;
  document.documentElement.dataset["frozen"] = String(now.frozen);
  element("empty", HTMLElement).hidden = feed.pupils.size > 0;
  element("board-join", HTMLElement).hidden = feed.pupils.size === 0;
  if (now.frozen) say("Frozen: the board stands still.");
  else if (element("notice", HTMLElement).textContent?.startsWith("Frozen")) say("");
}

/** The seats in order, and tiles as large as they go. */
function arrange() {
  place(
    list,
    feed.inOrder.flatMap(({ id }) => tiles.get(id) ?? []),
  );
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
  write(element("notice", HTMLElement), words);
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
