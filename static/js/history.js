/**
 * The history page: finds transcripts, opens one, replays and deletes. Times are shown in this browser's zone.
 *
 * @typedef {import("./types.d.ts").Step} Step
 * @typedef {import("./types.d.ts").Transcript} Transcript
 * @typedef {Transcript & {entries: Step[]}} Whole
 * @typedef {{has_key: boolean, transcripts: Transcript[], total: number, page: number, pages: number}} Found
 * @typedef {{title: string, text: string, link?: boolean, button?: {label: string, run: () => void}}} Said
 */

import { element, made } from "./element.js";
import { announce } from "./notices.js";
import { Replay } from "./replay.js";
import { boundsOf, factsOf, whatOf, whenOf, whyOf } from "./steps.js";
import { clock } from "./words.js";

const POLL_MS = 2000;
const TYPING_MS = 250;
/** A text that has grown so lately is still being spelled. */
const LIVE_MS = 20_000;

/** @param {string} id */
const html = (id) => element(id, HTMLElement);
/** @param {string} id */
const button = (id) => element(id, HTMLButtonElement);

const root = html("history");
const search = element("search", HTMLInputElement);
const day = element("day", HTMLInputElement);
const position = element("position", HTMLInputElement);
const replay = new Replay(showReplay);

let page = 1;
/** The list as it was last drawn, so that it is drawn again only when it is another. */
let drawn = "";
/** @type {Transcript | null} */
let opened = null;
let generation = 0;

/** What the server says in the way of a refusal. */
class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The list as the server gave it last, so that it need not send it again. @type {{path: string, etag: string, found: Found} | null} */
let last = null;

/** @param {string} path @returns {Promise<Found>} Raises Refusal. */
async function find(path) {
  const known = last?.path === path ? last : null;
  const response = await send(path, known ? { headers: { "If-None-Match": known.etag } } : {});
  if (known && response.status === 304) return known.found;
  const found = await answerOf(response);
  last = { path, etag: response.headers.get("ETag") ?? "", found };
  return found;
}

/** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} Raises Refusal, with a sentence for people. */
async function ask(path, options) {
  return answerOf(await send(path, options));
}

/** @param {string} path @param {RequestInit} [options] @returns {Promise<Response>} Raises Refusal. */
async function send(path, options) {
  try {
    return await fetch(`/api/history${path}`, options);
  } catch {
    throw new Refusal(0, "The server cannot be reached. Nothing is lost by that.");
  }
}

/** @param {Response} response @returns {Promise<any>} Raises Refusal. */
async function answerOf(response) {
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new Refusal(response.status, answer?.error?.message ?? "The server made a mistake. It has been logged.");
  return answer;
}

/* The list */

function query() {
  const chosen = new URLSearchParams({ page: String(page) });
  if (search.value.trim()) chosen.set("search", search.value.trim());
  const { since, until } = day.value ? boundsOf(day.value) : { since: "", until: "" };
  if (since) chosen.set("since", since);
  if (until) chosen.set("until", until);
  if (model()) chosen.set("model", model());
  return chosen;
}

function model() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="model"]:checked'))?.value ?? "";
}

function filtered() {
  return Boolean(search.value.trim() || day.value || model());
}

async function refresh() {
  const mine = ++generation;
  /** @type {Found} */
  let found;
  try {
    found = await find(`?${query()}`);
  } catch (error) {
    if (mine === generation) fail(/** @type {Refusal} */ (error));
    return;
  }
  if (mine !== generation) return; // another question was asked meanwhile
  if (page > found.pages) {
    page = found.pages;
    await refresh();
    return;
  }
  showFound(found);
  const grown = found.transcripts.find(({ id }) => id === opened?.id);
  if (opened && grown && grown.ended !== opened.ended) await open(opened.id, true);
}

/** @param {Found} found */
function showFound(found) {
  const state = found.total ? "some" : filtered() ? "unmatched" : found.has_key ? "empty" : "none";
  root.dataset["state"] = state;
  if (state === "some") say(null);
  if (state === "unmatched") say({ title: "Nothing matches", text: "No text that is kept fits the search, the day and the signs.", button: { label: "Show all", run: showAll } });
  if (state === "empty") say({ title: "Nothing is kept at present", text: "What you spell while “Keep the text” is on appears here as you spell it.", link: true });
  if (state === "none") say({ title: "Nothing is kept from this browser", text: "Keeping is off until you ask for it: on the spelling page choose “Keep the text” under More.", link: true });
  html("count").textContent = state === "some" ? `${found.total} ${found.total === 1 ? "transcript" : "transcripts"}${filtered() ? " found" : ""}` : "";
  html("everything").hidden = !found.total && !filtered();
  html("pager").hidden = found.pages < 2;
  html("page-number").textContent = `${found.page} of ${found.pages}`;
  button("newer").disabled = found.page <= 1;
  button("older").disabled = found.page >= found.pages;
  const live = found.transcripts.filter(isLive).map(({ id }) => id);
  const drawing = JSON.stringify([found.transcripts, live]);
  if (drawing !== drawn) showTranscripts(found.transcripts);
  drawn = drawing;
  showChosen();
}

/** @param {Transcript} transcript */
function isLive(transcript) {
  return Date.now() - Date.parse(transcript.ended) < LIVE_MS;
}

/** @param {Transcript[]} transcripts */
function showTranscripts(transcripts) {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["id"] : undefined;
  html("transcripts").replaceChildren(...transcripts.map(itemOf));
  if (focused) linkOf(focused)?.focus(); // the list was drawn under the reader's hands
}

/** @param {Transcript} transcript */
function itemOf(transcript) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${transcript.id}`;
  link.dataset["id"] = transcript.id;
  link.append(made("span", transcript.text || "(no letters)", "item-text"));
  const facts = made("span", `${whenOf(transcript.started)} · ${factsOf(transcript)}`, "item-facts");
  if (isLive(transcript)) facts.prepend(made("strong", "Now", "live"), " ");
  link.append(facts);
  item.append(link);
  return item;
}

/** @param {string} id @returns {HTMLElement | null} */
function linkOf(id) {
  return [...html("transcripts").querySelectorAll("a")].find((link) => link.dataset["id"] === id) ?? null;
}

function showChosen() {
  for (const link of html("transcripts").querySelectorAll("a")) {
    if (link.dataset["id"] === opened?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** @param {Said | null} said instead of, or above, the list */
function say(said) {
  html("said").hidden = said === null;
  if (!said) return;
  html("said-title").textContent = said.title;
  html("said-text").textContent = said.text;
  html("said-link").hidden = !said.link;
  button("said-button").hidden = !said.button;
  button("said-button").textContent = said.button?.label ?? "";
  button("said-button").onclick = said.button?.run ?? null;
}

/** @param {Refusal} refusal */
function fail(refusal) {
  root.dataset["state"] = "failed";
  say({ title: "The history is away", text: `${refusal.message} This page looks again by itself.`, button: { label: "Look now", run: refresh } });
}

function showAll() {
  search.value = "";
  day.value = "";
  for (const input of document.querySelectorAll('input[name="model"]')) {
    const radio = /** @type {HTMLInputElement} */ (input);
    radio.checked = radio.value === "";
  }
  changed();
  search.focus();
}

function changed() {
  page = 1;
  refresh();
}

/* One transcript */

/** @param {string} id @param {boolean} again it is open already, and has grown */
async function open(id, again = false) {
  const known = again ? replay.length : 0;
  /** @type {Whole} */
  let whole;
  try {
    whole = await ask(`/${id}?after=${known}`);
  } catch (error) {
    const refusal = /** @type {Refusal} */ (error);
    if (refusal.status === 404) {
      close();
      say({ title: "This transcript is gone", text: refusal.message, button: { label: "Show all", run: showAll } });
    } else fail(refusal);
    return;
  }
  if (location.hash !== `#${id}`) return; // the person has gone on meanwhile
  if (again && replay.length !== known) return; // a slower answer to the same question
  const { entries, ...head } = whole;
  opened = head;
  root.dataset["open"] = "true";
  html("opened").hidden = false;
  html("opened-title").textContent = whenOf(head.started);
  html("whole").textContent = head.text || "(no letters)";
  for (const link of document.querySelectorAll("a[data-export]")) {
    /** @type {HTMLAnchorElement} */ (link).href = `/api/history/${id}/export.${/** @type {HTMLElement} */ (link).dataset["export"]}`;
  }
  if (again) replay.grow(entries);
  else replay.open(entries);
  html("opened-facts").textContent = `${factsOf(head)} · ${replay.length} ${replay.length === 1 ? "step" : "steps"}`;
  if (!again) html("opened").focus({ preventScroll: !matchMedia("(width < 60rem)").matches });
  showChosen();
}

function close() {
  const last = opened?.id;
  opened = null;
  replay.open([]);
  root.dataset["open"] = "false";
  html("opened").hidden = true;
  if (location.hash) history.replaceState(null, "", location.pathname);
  showChosen();
  if (last) (linkOf(last) ?? search).focus();
}

function route() {
  const id = location.hash.slice(1);
  if (/^[0-9a-f]{32}$/.test(id)) open(id);
  else if (opened) close();
}

function showReplay() {
  const { step, before } = replay;
  const text = step?.text ?? "";
  const grew = text.length > before.length && text.startsWith(before);
  const kept = grew ? before : text;
  html("replayed").replaceChildren(kept, made("span", text.slice(kept.length), "fresh"), made("span", "", "caret"));
  html("step-what").textContent = step ? whatOf(step) : "Before the first letter";
  html("step-why").textContent = step ? whyOf(step, before) : "";
  position.max = String(replay.length);
  position.valueAsNumber = replay.position;
  position.setAttribute("aria-valuetext", `Step ${replay.position} of ${replay.length}`);
  html("clock").textContent = `${clock(step?.seconds ?? 0)} · step ${replay.position} of ${replay.length}`;
  html("play-label").textContent = replay.playing ? "Pause" : "Play";
  html("player").dataset["playing"] = String(replay.playing);
  element("play-icon", SVGElement).setAttribute("href", replay.playing ? "#i-pause" : "#i-play");
}

/** Goes to a step by hand, and says it. @param {number} to */
function stepTo(to) {
  replay.pause();
  replay.go(to);
  const { step, before } = replay;
  announce(step ? `${whatOf(step)}. ${whyOf(step, before)} Text: ${step.text || "empty"}` : "Before the first letter");
}

function togglePlay() {
  if (replay.playing) replay.pause();
  else replay.play();
}

/** @type {Record<string, () => void>} */
const PLAYER_KEYS = {
  " ": togglePlay,
  ArrowLeft: () => stepTo(replay.position - 1),
  ArrowRight: () => stepTo(replay.position + 1),
  Home: () => stepTo(0),
  End: () => stepTo(replay.length),
};

/* Deleting */

/** @param {string} title @param {string} text @param {string} path */
async function remove(title, text, path) {
  const dialog = element("confirm", HTMLDialogElement);
  html("confirm-title").textContent = title;
  html("confirm-text").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "yes") return;
  try {
    await ask(path, { method: "DELETE" });
  } catch (error) {
    fail(/** @type {Refusal} */ (error));
    return;
  }
  announce("Deleted.");
  if (opened) close();
  await refresh();
}

/* Buttons, keys and the page's comings and goings */

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = window.setTimeout(changed, TYPING_MS);
});
html("filters").addEventListener("submit", (event) => event.preventDefault());
html("filters").addEventListener("change", ({ target }) => {
  if (target !== search) changed();
});
button("newer").addEventListener("click", () => turn(-1));
button("older").addEventListener("click", () => turn(1));

/** @param {number} by */
function turn(by) {
  page += by;
  refresh();
  html("count").scrollIntoView({ block: "nearest" });
}

button("play").addEventListener("click", togglePlay);
button("back").addEventListener("click", () => stepTo(replay.position - 1));
button("forward").addEventListener("click", () => stepTo(replay.position + 1));
position.addEventListener("input", () => {
  replay.pause();
  replay.go(position.valueAsNumber);
});
element("speed", HTMLSelectElement).addEventListener("change", ({ target }) => {
  replay.speed = Number(/** @type {HTMLSelectElement} */ (target).value);
});
html("player").addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (target instanceof HTMLSelectElement || (key === " " && target instanceof HTMLButtonElement)) return; // they have their own use for it
  const act = PLAYER_KEYS[key];
  if (!act) return;
  event.preventDefault();
  act();
});
button("delete-one").addEventListener("click", () => {
  if (opened) remove("Delete this transcript?", "It is taken out of the database for good: nobody can bring it back.", `/${opened.id}`);
});
button("delete-all").addEventListener("click", () =>
  remove("Delete everything?", "All that was kept from this browser, on every page and whatever the search shows, is taken out of the database for good.", ""),
);
html("to-list").addEventListener("click", (event) => {
  event.preventDefault();
  close();
});
addEventListener("hashchange", route);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
setInterval(() => {
  if (!document.hidden) refresh();
}, POLL_MS);

refresh();
route();
