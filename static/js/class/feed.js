/**
 * What the server tells a teacher's page of a class: everything once, then what changes. The connection mends itself, and after
 * every mending everything is told anew.
 *
 * @typedef {object} ClassSettings
 * @property {string} code
 * @property {number} expires seconds since 1970
 * @property {boolean} names_hidden
 * @property {boolean} frozen
 * @property {boolean} locked
 * @property {string | null} spotlight
 * @property {boolean} hints
 * @property {Task | null} task
 * @property {string} kept_as the class's name under which the lesson is kept; empty where it is not
 *
 * @typedef {object} Task
 * @property {number} number
 * @property {"words" | "name"} kind
 * @property {string[]} words
 * @property {number} begun seconds since 1970
 *
 * @typedef {object} Tile
 * @property {string} id
 * @property {number} seat
 * @property {string} name
 * @property {string} text the end of it
 * @property {boolean} connected
 * @property {string | null} sign
 * @property {number} progress
 * @property {import("./task.js").TileTask | null} task
 *
 * @typedef {object} Handlers
 * @property {(settings: ClassSettings, changed: Tile[], gone: string[]) => void} onChange
 * @property {(open: boolean) => void} onConnection
 * @property {(away: boolean) => void} onAway the server cannot reach the classes, or can again
 * @property {(waiting: boolean) => void} [onKeeping] what is to be kept of the lesson waits for the database, or no more
 * @property {(busy: boolean) => void} [onBusy] many spell at once, and letters come a little slower; or that is over
 * @property {() => void} onOver the class has ended
 */

import { io } from "../../vendor/socket.io.esm.min.js";
import { arrivalWords } from "./contest.js";
import { standingOf } from "./task.js";

export class Feed {
  /** @type {Map<string, Tile>} */
  pupils = new Map();
  /** The race or relay that the task is a round of. @type {import("./contest.js").Contest | null} */
  contest = null;
  /** How far the server's clock is ahead of ours, in seconds. */
  #ahead = 0;

  /** @param {string} code @param {Handlers} handlers */
  constructor(code, handlers) {
    /** @type {ClassSettings | null} */
    let settings = null;
    const socket = io("/board", {
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      auth: { code },
    });
    socket.on("board", (/** @type {{class: ClassSettings, pupils: Tile[], contest: Feed["contest"], now: number}} */ all) => {
      this.#ahead = all.now - Date.now() / 1000;
      this.contest = all.contest;
      settings = all.class;
      const gone = [...this.pupils.keys()].filter((id) => !all.pupils.some((pupil) => pupil.id === id));
      this.pupils = new Map(all.pupils.map((pupil) => [pupil.id, pupil]));
      handlers.onConnection(true);
      handlers.onChange(settings, all.pupils, gone);
    });
    socket.on("news", (/** @type {{pupils: Tile[], gone: string[], contest: Feed["contest"]}} */ news) => {
      if (!settings) return;
      this.contest = news.contest;
      for (const pupil of news.pupils) this.pupils.set(pupil.id, pupil);
      for (const id of news.gone) this.pupils.delete(id);
      handlers.onChange(settings, news.pupils, news.gone);
    });
    socket.on("away", (/** @type {{away: boolean}} */ { away }) => handlers.onAway(away));
    socket.on("keeping", (/** @type {{waiting: boolean}} */ { waiting }) => handlers.onKeeping?.(waiting));
    socket.on("busy", (/** @type {{busy: boolean}} */ { busy }) => handlers.onBusy?.(busy));
    socket.on("over", () => socket.disconnect());
    socket.on("disconnect", () => {
      // The server closes for good where the class is over or this browser is not the teacher's. Anything else mends itself.
      if (socket.active) handlers.onConnection(false);
      else handlers.onOver();
    });
    socket.on("connect_error", () => handlers.onConnection(false));
  }

  /** The server's clock, in seconds. */
  get now() {
    return Date.now() / 1000 + this.#ahead;
  }

  /** How many pupils, or teams of a relay, have done the task, of those who have one to do. */
  get tally() {
    const parts = this.contest?.mode === "relay" ? this.contest.teams : this.inOrder.flatMap((pupil) => pupil.task ?? []);
    const done = parts.filter(({ finished }) => finished !== null).length;
    const what = this.contest?.mode === "relay" ? (parts.length === 1 ? " team" : " teams") : "";
    return `${done} of ${parts.length}${what} ${parts.length === 1 ? "has" : "have"} it`;
  }

  /** How a pupil stands with a task of their own. @param {Tile} pupil @param {import("./task.js").TileTask} own @param {Task} task */
  standing(pupil, own, task) {
    const { standing, words } = standingOf(own, pupil.connected, task.begun, this.now);
    const place = this.contest?.places[pupil.id];
    return { standing, words: place && own.finished !== null ? arrivalWords(place, own.finished - task.begun) : words };
  }

  /** By seat. @returns {Tile[]} */
  get inOrder() {
    return [...this.pupils.values()].sort((one, other) => one.seat - other.seat);
  }
}

/** How a sign stands in a ring. @param {string | null} sign */
export function shortSign(sign) {
  if (sign === "space") return "␣";
  if (sign === "del") return "⌫";
  return sign === null || sign === "nothing" ? "" : sign;
}

/** Whether the pupil's camera page is open, as a shape and a word. @param {HTMLElement} row @param {Tile} pupil */
export function showPresence(row, pupil) {
  row.dataset["connected"] = String(pupil.connected);
  const word = row.querySelector(".presence-word");
  if (word) word.textContent = pupil.connected ? "Here" : "Away";
}
