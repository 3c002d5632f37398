/**
 * The pupil's slim bar over the spelling page: which class, which name, and the way out.
 *
 * @typedef {object} PupilTask
 * @property {number} number
 * @property {string} target words with single spaces between them; empty where the name has nothing to spell
 * @property {number} done characters of it
 * @property {number} due_seconds for how long the next letter has been due
 * @property {number} starts_seconds until it begins; 0 once it has
 * @property {number | null} seconds it took; null until it is done
 * @property {boolean} hints
 * @property {{mode: import("./contest.js").Mode, round: number, place: number | null, team: string | null, turn: "on" | "next" | "waits" | null} | null} contest
 *   of a race or a relay: `turn` is null once the word is done
 *
 * @typedef {{code: string, name: string, task: PupilTask | null, kept: boolean} | {over: "ended" | "removed" | "left"}} ClassMessage
 */

import { element } from "../element.js";
import { mirrored } from "../hands.js";
import { announce } from "../notices.js";
import { call } from "./api.js";
import { countWords, exactTime, placeWords, showSymbol } from "./contest.js";
import { showLetters, timeWords } from "./task.js";

/** With hints, the drawn hand appears to whoever takes so long over a letter. */
const HINT_SECONDS = 8;

const OVER = {
  ended: "Your teacher has ended the class. What you see here is yours until you close the page.",
  removed: "You are no longer in the class. Ask your teacher, and join again with the code.",
  left: "You have left the class.",
};

/** Keeps the bar true. @param {ClassMessage} message */
export function showClass(message) {
  if ("over" in message) {
    element("class-bar", HTMLElement).dataset["over"] = message.over;
    element("class-state", HTMLElement).textContent = "";
    element("class-shown", HTMLElement).textContent = OVER[message.over];
    element("class-leave", HTMLElement).hidden = true;
    say(`over ${message.over}`, OVER[message.over]);
    showTask(null);
    return;
  }
  element("class-name", HTMLElement).textContent = message.name;
  const shown = element("class-shown", HTMLElement);
  shown.textContent = shown.dataset["inClass"] ?? "";
  showKept(message.kept);
  showTask(message.task);
}

/** Says whether the teacher keeps how the tasks go. @param {boolean} kept */
function showKept(kept) {
  const sentence = element("class-kept", HTMLElement);
  if (kept && sentence.hidden) announce(sentence.textContent ?? "");
  sentence.hidden = !kept;
  element("leave-kept", HTMLElement).hidden = !kept;
}

/** What was announced last, so that nothing is said twice. */
let said = "";
let hintTimer = 0;
let countTimer = 0;

/** @param {PupilTask | null} task */
function showTask(task) {
  clearTimeout(hintTimer);
  clearInterval(countTimer);
  element("task", HTMLElement).hidden = !task;
  if (!task) return;
  element("task-hint", HTMLElement).hidden = true;
  element("task-spoken", HTMLElement).textContent = task.target;
  showLetters(element("task-letters", HTMLElement), task.target, task.done);
  showTeam(task.contest?.team ?? null);
  if (task.starts_seconds > 0) countDown(task, performance.now() + task.starts_seconds * 1000);
  else showStanding(task);
}

/** @param {string | null} team */
function showTeam(team) {
  element("task-team", HTMLElement).hidden = team === null;
  if (team === null) return;
  element("task-team-name", HTMLElement).textContent = team;
  showSymbol(element("task-team-symbol", SVGUseElement), team);
}

/** @param {PupilTask} task @param {number} begins by the page's clock */
function countDown(task, begins) {
  const state = element("task-state", HTMLElement);
  const tick = () => {
    const count = countWords((begins - performance.now()) / 1000);
    if (count === "") {
      clearInterval(countTimer);
      showStanding({ ...task, starts_seconds: 0 });
    } else if (state.textContent !== count) state.textContent = count;
  };
  element("task", HTMLElement).dataset["standing"] = "ready";
  say(`${task.number} ready`, `Get ready to spell ${task.target}. It begins in a moment.`);
  tick();
  countTimer = window.setInterval(tick, 50);
}

/** @param {PupilTask} task */
function showStanding(task) {
  const { target, done, contest } = task;
  const next = target[done] ?? "";
  const isMine = next !== "" && (!contest || contest.turn === "on");
  const standing = task.seconds !== null ? "done" : (contest?.team && contest.turn) || "busy";
  const words = standingWords(task, next);
  element("task", HTMLElement).dataset["standing"] = standing;
  element("task", HTMLElement).dataset["place"] = String(contest?.place ?? "");
  element("task-state", HTMLElement).textContent = words;
  const asked = `Your teacher asks you to spell ${target || "your name"}. `;
  const begins = standing !== "busy" ? "" : contest ? "Go! " : asked;
  // Each turn of a relay is news; the letters of a task of one's own are not.
  say(`${task.number} ${standing} ${contest?.team && standing === "on" ? done : ""}`, begins + words);
  if (task.hints && isMine) hintTimer = window.setTimeout(() => showHint(next), Math.max(0, HINT_SECONDS - task.due_seconds) * 1000);
}

/** @param {PupilTask} task @param {string} next the letter that is due */
function standingWords({ target, done, seconds, contest }, next) {
  if (!target) return "Your name has no letters of the manual alphabet, so there is nothing to spell.";
  const digit = /\d/.test(next) ? " Choose digits for it." : "";
  if (seconds !== null) {
    if (!contest) return `Well done! You took ${timeWords(seconds)}.`;
    const took = exactTime(seconds);
    const who = contest.team ? "Your team is" : "You are";
    return contest.place === 1 ? `${who} first! ${took}.` : `Well done! ${who} ${placeWords(contest.place ?? 0)}: ${took}.`;
  }
  if (contest?.turn === "next") return "Next: you. Get ready.";
  if (contest?.turn === "waits") return `Your team has ${done} of ${target.length} letters.`;
  return contest?.team ? `Your turn: ${next}.${digit}` : `Next: ${next}.${digit}`;
}

/** @param {string} news what it is about @param {string} words */
function say(news, words) {
  if (said !== news) announce(words);
  said = news;
}

/** The hint is drawn as the preview shows one's own hand. @param {import("../types.d.ts").Hand} hand */
export function showHintHand(hand) {
  element("task-drawing", SVGElement).setAttribute("data-mirrored", String(mirrored(hand, "mirror")));
  element("task-hint-hand", HTMLElement).textContent = `Your ${hand} hand, as in the preview.`;
}

/** @param {string} letter */
function showHint(letter) {
  const how = JSON.parse(element("hint-words", HTMLScriptElement).textContent ?? "{}");
  element("task-hand", SVGUseElement).setAttribute("href", `#hand-${letter}`);
  element("task-hint-letter", HTMLElement).textContent = letter;
  element("task-hint-how", HTMLElement).textContent = how[letter] ?? "";
  element("task-hint", HTMLElement).hidden = false;
  announce(`Hint for ${letter}: ${how[letter] ?? ""}`);
}

const dialog = document.getElementById("leave-dialog");
if (dialog instanceof HTMLDialogElement) {
  element("class-leave", HTMLButtonElement).addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "leave") return;
    const { problem } = await call("POST", "/api/class/leave");
    if (problem) {
      element("class-shown", HTMLElement).textContent = problem;
      announce(problem);
      return;
    }
    location.assign("/join#left");
  });
}
