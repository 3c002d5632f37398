/**
 * How a task stands, in words and as letters of which some are done. Shared by the board, the teacher's and the pupil's page.
 *
 * @typedef {object} TileTask
 * @property {string} word that is being spelled
 * @property {number} done letters of it
 * @property {number} words_done
 * @property {number} words
 * @property {number} since when the letter that is due fell due, in the server's seconds
 * @property {number} slips
 * @property {number | null} finished in the server's seconds
 *
 * @typedef {"done" | "stuck" | "busy"} Standing
 */

/** After so long at one letter a pupil is shown as stuck. */
const STUCK_SECONDS = 20;

/** Minutes and seconds. @param {number} seconds */
export function timeWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Whether that is long at one letter. @param {number} seconds */
export function isStuck(seconds) {
  return seconds >= STUCK_SECONDS;
}

/**
 * @param {TileTask} task
 * @param {boolean} connected nobody who is away is stuck
 * @param {number} begun when the task began, in the server's seconds
 * @param {number} now in the server's seconds
 * @returns {{standing: Standing, words: string}}
 */
export function standingOf(task, connected, begun, now) {
  if (task.finished !== null) return { standing: "done", words: `Done in ${timeWords(task.finished - begun)}` };
  const letter = task.word[task.done] ?? "";
  if (connected && isStuck(now - task.since)) return { standing: "stuck", words: `At ${letter} for ${timeWords(now - task.since)}` };
  if (task.words > 1) return { standing: "busy", words: `Word ${task.words_done + 1} of ${task.words}` };
  return { standing: "busy", words: `${task.done} of ${task.word.length}` };
}

/** What a class is asked to spell, in a line. @param {import("./feed.js").Task} task */
export function taskWords(task) {
  return task.kind === "name" ? "your name" : task.words.join(" · ");
}

/** Shows a word with the letters that are done and the one that is due. @param {HTMLElement} place @param {string} word @param {number} done */
export function showLetters(place, word, done) {
  const key = `${word} ${done}`;
  if (place.dataset["shown"] === key) return;
  place.dataset["shown"] = key;
  place.replaceChildren(
    ...[...word].map((letter, at) => {
      const span = document.createElement("span");
      span.textContent = letter;
      span.dataset["letter"] = letter === " " ? "space" : at < done ? "done" : at === done ? "due" : "later";
      return span;
    }),
  );
}
