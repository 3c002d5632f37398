/**
 * What the board shows of a race or a relay: the countdown, the score of a race, and the teams' lanes of a relay.
 *
 * @typedef {import("./contest.js").Contest} Contest
 * @typedef {import("./contest.js").Team} Team
 * @typedef {import("./feed.js").ClassSettings} ClassSettings
 * @typedef {import("./feed.js").Feed} Feed
 * @typedef {import("./feed.js").Task} Task
 * @typedef {import("./feed.js").Tile} Tile
 */

import { element, part, place } from "../element.js";
import { announce } from "../notices.js";
import { arrivalWords, countWords, roundWords, showSymbol, winWords } from "./contest.js";
import { shortSign } from "./feed.js";
import { isStuck, showLetters, timeWords } from "./task.js";

export class Arena {
  #nameOf;
  /** @type {Contest | null} */
  #contest = null;
  /** @type {Map<string, HTMLElement>} */
  #lanes = new Map();
  #countTimer = 0;
  /** The task that was announced last. */
  #counted = 0;

  /** @param {(pupil: Tile) => string} nameOf as the board may show it */
  constructor(nameOf) {
    this.#nameOf = nameOf;
  }

  /** What is shown; while the board stands still, what was. */
  get contest() {
    return this.#contest;
  }

  get isRace() {
    return this.#contest?.mode === "race";
  }

  get isRelay() {
    return this.#contest?.mode === "relay";
  }

  /** @param {Feed} feed @param {ClassSettings} settings */
  show(feed, { task }) {
    this.#contest = task && feed.contest;
    clearInterval(this.#countTimer);
    element("countdown", HTMLElement).hidden = true;
    if (!task || !this.#contest) return;
    if (this.isRace) this.#showScore(feed, this.#contest, task);
    else this.#showLanes(feed, this.#contest, task);
    if (feed.now < task.begun) this.#countDown(feed, this.#contest, task);
  }

  /** @param {Feed} feed @param {Contest} contest @param {Task} task */
  #countDown(feed, contest, task) {
    const word = task.words[0] ?? "";
    const shown = element("countdown", HTMLElement);
    const number = element("countdown-number", HTMLElement);
    element("countdown-round", HTMLElement).textContent = roundWords(contest);
    element("countdown-word", HTMLElement).textContent = word;
    const tick = () => {
      const count = countWords(task.begun - feed.now);
      number.textContent = count;
      number.dataset["count"] = count;
      shown.hidden = count === "";
      if (count === "") clearInterval(this.#countTimer);
    };
    tick();
    this.#countTimer = window.setInterval(tick, 50);
    if (this.#counted !== task.number) announce(`${roundWords(contest)}. Get ready to spell ${word}.`);
    this.#counted = task.number;
  }

  /** Who has come in, in that order, and then who has won before; nobody who has done neither. @param {Feed} feed @param {Contest} contest @param {Task} task */
  #showScore(feed, { places, wins }, task) {
    const rank = (/** @type {Tile} */ { id }) => places[id] ?? Infinity;
    const shown = feed.inOrder.filter(({ id }) => places[id] || wins[id]);
    shown.sort((one, other) => (rank(one) === rank(other) ? (wins[other.id] ?? 0) - (wins[one.id] ?? 0) : rank(one) - rank(other)));
    const rows = shown.map((pupil) => {
      const { id, task: own } = pupil;
      const arrived = places[id] && own && own.finished !== null ? arrivalWords(places[id], own.finished - task.begun) : "";
      return scoreRow(id, this.#nameOf(pupil), arrived, wins[id] ?? 0);
    });
    const body = element("score-rows", HTMLElement);
    const key = rows.map((row) => row.textContent).join("\n");
    if (body.dataset["shown"] !== key) body.replaceChildren(...rows);
    body.dataset["shown"] = key;
    element("score", HTMLElement).style.setProperty("--rows", String(Math.max(6, rows.length)));
    element("score-nobody", HTMLElement).hidden = rows.length > 0;
    element("score-table", HTMLElement).hidden = rows.length === 0;
  }

  /** @param {Feed} feed @param {Contest} contest @param {Task} task */
  #showLanes(feed, contest, task) {
    for (const [name, lane] of this.#lanes) {
      if (contest.teams.some((team) => team.name === name)) continue;
      lane.remove();
      this.#lanes.delete(name);
    }
    const lanes = contest.teams.map((team) => {
      const lane = this.#lanes.get(team.name) ?? this.#addLane(team.name);
      this.#drawLane(lane, team, feed, contest, task);
      return lane;
    });
    place(element("lanes", HTMLElement), lanes);
  }

  /** @param {HTMLElement} lane @param {Team} team @param {Feed} feed @param {Contest} contest @param {Task} task */
  #drawLane(lane, team, feed, contest, task) {
    const word = task.words[0] ?? "";
    const holder = team.on === null ? undefined : feed.pupils.get(team.on);
    const next = team.next === null || team.next === team.on ? undefined : feed.pupils.get(team.next);
    const arrived = contest.places[team.name];
    const wins = contest.wins[team.name] ?? 0;
    lane.dataset["place"] = String(arrived ?? "");
    lane.dataset["here"] = String(holder?.connected ?? true);
    lane.style.setProperty("--letters", String(word.length));
    part(lane, ".lane-wins").textContent = wins ? winWords(wins) : "";
    part(lane, ".lane-spoken").textContent = `${team.done} of ${word.length} letters of ${word}`;
    showLetters(part(lane, ".lane-letters"), word, team.done);
    part(lane, ".lane-turn").hidden = !holder;
    part(lane, ".lane-place").textContent = arrived && team.finished !== null ? arrivalWords(arrived, team.finished - task.begun) : "";
    if (!holder) return;
    part(lane, ".tile-sign").textContent = holder.connected ? shortSign(holder.sign) : "";
    this.#name(part(lane, ".lane-holder"), holder);
    const seconds = feed.now - team.since;
    const state = !holder.connected ? "is away" : isStuck(seconds) ? `at ${word[team.done]} for ${timeWords(seconds)}` : `at ${word[team.done]}`;
    part(lane, ".lane-state").textContent = state;
    part(lane, ".lane-next").hidden = !next;
    if (next) this.#name(part(lane, ".lane-next span"), next);
    const ring = /** @type {SVGElement | null} */ (lane.querySelector(".ring-progress"));
    if (ring) ring.style.strokeDashoffset = String(100 - 100 * (holder.connected && holder.sign ? holder.progress : 0));
  }

  /** @param {HTMLElement} where @param {Tile} pupil */
  #name(where, pupil) {
    where.dataset["pupil"] = pupil.id;
    where.textContent = this.#nameOf(pupil);
  }

  /** @param {string} name */
  #addLane(name) {
    const content = /** @type {DocumentFragment} */ (element("lane", HTMLTemplateElement).content.cloneNode(true));
    const lane = /** @type {HTMLElement} */ (content.firstElementChild);
    part(lane, ".lane-name").textContent = name;
    const symbol = lane.querySelector(".lane-symbol use");
    if (symbol) showSymbol(symbol, name);
    this.#lanes.set(name, lane);
    return lane;
  }
}

/** @param {string} id @param {string} name @param {string} arrived @param {number} wins */
function scoreRow(id, name, arrived, wins) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.dataset["pupil"] = id;
  head.textContent = name;
  const cells = [arrived, wins ? String(wins) : ""].map((words) => {
    const cell = document.createElement("td");
    cell.textContent = words;
    return cell;
  });
  row.append(head, ...cells);
  return row;
}
