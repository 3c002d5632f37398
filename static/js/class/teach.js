/**
 * The teacher's page of one class: who is in it, and what the board shows.
 *
 * @typedef {import("./feed.js").ClassSettings} ClassSettings
 * @typedef {import("./feed.js").Tile} Tile
 */

import { element, part, place } from "../element.js";
import { call } from "./api.js";
import { arrivalWords, roundWords, showSymbol, teamOf, winWords } from "./contest.js";
import { Feed, shortSign, showPresence } from "./feed.js";
import { showKeeping, showWaiting, startKeeping } from "./keep.js";
import { answered, sure } from "./sure.js";
import { showLetters, taskWords, timeWords } from "./task.js";

const code = element("teach", HTMLElement).dataset["code"] ?? "";
const roster = element("roster", HTMLElement);
const path = `/api/class/${code}`;

/** @type {Map<string, HTMLElement>} */
const rows = new Map();
/** @type {Map<string, HTMLElement>} */
const teams = new Map();
/** @type {ClassSettings | null} */
let settings = null;

const feed = new Feed(code, {
  onChange(now, changed, gone) {
    settings = now;
    for (const id of gone) {
      rows.get(id)?.remove();
      rows.delete(id);
    }
    for (const pupil of feed.contest ? feed.inOrder : changed) draw(pupil); // of a team all change
    showSettings(now);
    showTask(now);
    showKeeping(now);
  },
  onConnection: (open) => say(open ? "good" : "bad", open ? "Connected" : "The server is away. This page goes on by itself."),
  onAway: (away) =>
    say(away ? "bad" : "good", away ? "The server cannot reach the classes. Pupils go on spelling; changes must wait." : "Connected"),
  onKeeping: showWaiting,
  onOver: () => location.assign("/teach"),
});

/** @param {Tile} pupil */
function draw(pupil) {
  const row = rows.get(pupil.id) ?? add(pupil);
  showPresence(row, pupil);
  part(row, ".row-seat").textContent = String(pupil.seat);
  part(row, ".row-name").textContent = pupil.name;
  part(row, ".row-sign").textContent = pupil.connected ? shortSign(pupil.sign) : "";
  part(row, ".row-text").textContent = pupil.text;
  drawTask(row, pupil);
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent?.trim()}: ${pupil.name}`);
}

/** @param {HTMLElement} row @param {Tile} pupil */
function drawTask(row, pupil) {
  const team = feed.contest ? teamOf(feed.contest, pupil.id) : undefined;
  part(row, ".row-task").hidden = !pupil.task;
  part(row, ".row-team").hidden = !team;
  part(row, ".row-team-name").textContent = team?.name ?? "";
  delete row.dataset["task"];
  if (!pupil.task || !settings?.task) return;
  const { standing, words } = feed.standing(pupil, pupil.task, settings.task);
  row.dataset["task"] = standing;
  showLetters(part(row, ".row-letters"), pupil.task.word, pupil.task.done);
  const state = part(row, ".row-state");
  if (state.textContent !== words) state.textContent = words;
}

/** @param {ClassSettings} now */
function showTask(now) {
  element("task-now", HTMLElement).hidden = !now.task;
  if (!now.task) return;
  element("task-words", HTMLElement).textContent = taskWords(now.task);
  element("task-end", HTMLElement).textContent = feed.contest ? `End the ${feed.contest.mode}` : "End the task";
  const tally = element("task-tally", HTMLElement);
  if (tally.textContent !== feed.tally) tally.textContent = feed.tally;
  showContest(feed.contest, now.task);
}

/** @param {import("./contest.js").Contest | null} contest @param {import("./feed.js").Task} task */
function showContest(contest, task) {
  element("contest", HTMLElement).hidden = !contest;
  element("task-round", HTMLElement).textContent = contest ? roundWords(contest) : "Now";
  if (!contest) return;
  const [next] = contest.coming;
  element("next-round", HTMLElement).hidden = next === undefined;
  element("next-word", HTMLElement).textContent = next ?? "";
  element("contest-last", HTMLElement).hidden = next !== undefined;
  element("shuffle", HTMLElement).hidden = contest.mode !== "relay";
  for (const [name, item] of teams) {
    if (contest.teams.some((team) => team.name === name)) continue;
    item.remove();
    teams.delete(name);
  }
  const items = contest.teams.map((team) => {
    const item = teams.get(team.name) ?? addTeam(team.name);
    showTeam(item, team, contest, task);
    return item;
  });
  place(element("teams", HTMLElement), items);
}

/** @param {HTMLElement} item @param {import("./contest.js").Team} team @param {import("./contest.js").Contest} contest @param {import("./feed.js").Task} task */
function showTeam(item, team, contest, task) {
  const word = task.words[0] ?? "";
  const holder = team.on === null ? undefined : feed.pupils.get(team.on);
  const arrived = contest.places[team.name];
  let words = holder ? `${holder.name} ${holder.connected ? "is at" : "is away at"} ${word[team.done]}` : "";
  if (arrived && team.finished !== null) words = arrivalWords(arrived, team.finished - task.begun);
  const wins = contest.wins[team.name];
  showLetters(part(item, ".row-letters"), word, team.done);
  part(item, ".team-state").textContent = words;
  part(item, ".team-wins").textContent = wins ? winWords(wins) : "";
  part(item, "button").hidden = !holder;
}

/** @param {string} name */
function addTeam(name) {
  const content = /** @type {DocumentFragment} */ (element("team", HTMLTemplateElement).content.cloneNode(true));
  const item = /** @type {HTMLElement} */ (content.firstElementChild);
  const symbol = item.querySelector("use");
  if (symbol) showSymbol(symbol, name);
  part(item, ".team-name").textContent = name;
  const button = part(item, "button");
  button.setAttribute("aria-label", `Skip whose turn it is: ${name}`);
  button.addEventListener("click", () => ask("POST", `${path}/teams/${name}/skip`));
  teams.set(name, item);
  return item;
}

/** How the task is to be spelled: each at their own pace, as a race, or as a relay. */
function mode() {
  const chosen = document.querySelector("input[name=mode]:checked");
  return chosen instanceof HTMLInputElement ? chosen.value : "each";
}

function showMode() {
  element("task-name", HTMLButtonElement).hidden = mode() !== "each";
  element("team-choice", HTMLElement).hidden = mode() !== "relay";
  element("team-count", HTMLInputElement).disabled = mode() !== "relay"; // what nobody sees need not be right
  for (const help of document.querySelectorAll("[data-mode-help]")) {
    if (help instanceof HTMLElement) help.hidden = help.dataset["modeHelp"] !== mode();
  }
}

/** The clocks of the task. */
function tick() {
  if (!settings?.task) return;
  element("task-time", HTMLElement).textContent = timeWords(feed.now - settings.task.begun);
  for (const [id, row] of rows) {
    const pupil = feed.pupils.get(id);
    if (pupil) drawTask(row, pupil);
  }
}

/** @param {{words: string, mode: string, teams: number} | {name: true}} task */
async function send(task) {
  const { problem } = await call("PUT", `${path}/task`, task);
  const text = element("task-text", HTMLTextAreaElement);
  element("task-problem", HTMLElement).textContent = problem;
  text.setAttribute("aria-invalid", String(problem !== ""));
  if (problem) text.focus();
}

/** @param {Tile} pupil */
function add(pupil) {
  const content = /** @type {DocumentFragment} */ (element("row", HTMLTemplateElement).content.cloneNode(true));
  const row = /** @type {HTMLElement} */ (content.firstElementChild);
  row.addEventListener("click", ({ target }) => {
    const act = target instanceof Element ? target.closest("button")?.dataset["act"] : undefined;
    const now = feed.pupils.get(pupil.id);
    if (act && now) ACTS[act]?.(now);
  });
  rows.set(pupil.id, row);
  roster.append(row);
  return row;
}

/** @param {ClassSettings} now */
function showSettings(now) {
  for (const button of document.querySelectorAll("[data-setting]")) {
    const name = /** @type {HTMLElement} */ (button).dataset["setting"];
    button.setAttribute("aria-checked", String(now[/** @type {"names_hidden" | "frozen" | "locked" | "hints"} */ (name)]));
  }
  for (const [id, row] of rows) part(row, "[data-act=spotlight]").setAttribute("aria-pressed", String(now.spotlight === id));
  const { size } = feed.pupils;
  element("count", HTMLElement).textContent = String(size);
  element("nobody", HTMLElement).hidden = size > 0;
  element("expires", HTMLTimeElement).textContent = new Date(now.expires * 1000).toLocaleString("en-GB", {
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** @type {Record<string, (pupil: Tile) => void>} */
const ACTS = {
  spotlight: ({ id }) => ask("PATCH", path, { spotlight: settings?.spotlight === id ? null : id }),
  rename: async ({ id, name }) => {
    const wanted = await newName(name);
    if (wanted !== null) ask("PATCH", `${path}/pupils/${id}`, { name: wanted });
  },
  remove: async ({ id, name }) => {
    if (await sure(`Remove ${name}?`, `${name}’s name, text and tasks are deleted. Whoever has the code can join again, unless nobody else may.`, "Remove")) {
      ask("DELETE", `${path}/pupils/${id}`);
    }
  },
};

/** @param {string} method @param {string} where @param {object} [message] */
async function ask(method, where, message) {
  const { problem } = await call(method, where, message);
  if (problem) say("warn", problem);
  else say("good", "Connected");
}

/** @param {string} name @returns {Promise<string | null>} null where it is to stay */
async function newName(name) {
  const field = element("new-name", HTMLInputElement);
  field.value = name;
  const answer = await answered(element("rename-dialog", HTMLDialogElement), () => field.select());
  return answer === "ok" ? field.value : null;
}

/** @param {import("../types.d.ts").Tone} tone @param {string} words */
function say(tone, words) {
  element("notice", HTMLElement).dataset["tone"] = tone;
  const text = element("notice-text", HTMLElement);
  if (text.textContent !== words) text.textContent = words;
}

for (const button of document.querySelectorAll("[data-setting]")) {
  button.addEventListener("click", () => {
    const name = /** @type {HTMLElement} */ (button).dataset["setting"] ?? "";
    ask("PATCH", path, { [name]: button.getAttribute("aria-checked") !== "true" });
  });
}

element("task-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const count = Number(element("team-count", HTMLInputElement).value);
  send({ words: element("task-text", HTMLTextAreaElement).value, mode: mode(), teams: count });
});
element("task-text", HTMLTextAreaElement).addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // Shift and Enter begin a line
  event.preventDefault();
  element("task-form", HTMLFormElement).requestSubmit();
});
element("task-name", HTMLButtonElement).addEventListener("click", () => send({ name: true }));
element("task-end", HTMLButtonElement).addEventListener("click", () => ask("DELETE", `${path}/task`));
element("next-round", HTMLButtonElement).addEventListener("click", () => ask("POST", `${path}/round`));
element("shuffle", HTMLButtonElement).addEventListener("click", () => ask("POST", `${path}/teams`));
for (const choice of document.querySelectorAll("input[name=mode]")) choice.addEventListener("change", showMode);
showMode(); // a browser may have kept the choice over a reload
setInterval(tick, 1000);
startKeeping(path);

element("rename-cancel", HTMLButtonElement).addEventListener("click", () => element("rename-dialog", HTMLDialogElement).close());

element("end", HTMLButtonElement).addEventListener("click", async () => {
  if (await sure("End the class?", `All names and texts of this class are deleted for good.${settings?.kept_as ? ` How the tasks went stays kept as ${settings.kept_as}.` : ""}`, "End the class")) ask("DELETE", path);
});
