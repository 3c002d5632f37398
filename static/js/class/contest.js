/**
 * A race or a relay, in words and symbols. Shared by the board, the teacher's and the pupil's page.
 *
 * @typedef {"race" | "relay"} Mode
 *
 * @typedef {object} Team
 * @property {string} name
 * @property {string[]} members pupils' ids in the order of their turns
 * @property {number} done letters
 * @property {string | null} on the id of whoever's turn it is; null once the word is done
 * @property {string | null} next
 * @property {number} since when the letter that is due fell due, in the server's seconds
 * @property {number | null} finished in the server's seconds
 *
 * @typedef {object} Contest
 * @property {Mode} mode
 * @property {number} round
 * @property {string[]} coming the words of the rounds to come
 * @property {Record<string, number>} places from 1; by pupil's id in a race, by team's name in a relay
 * @property {Record<string, number>} wins
 * @property {Team[]} teams of a relay, with anybody in them
 */

const ordinal = new Intl.PluralRules("en-GB", { type: "ordinal" });
const ENDINGS = { zero: "th", one: "st", two: "nd", few: "rd", many: "th", other: "th" };

/** 1st, 2nd, 3rd … @param {number} place */
export function placeWords(place) {
  return `${place}${ENDINGS[ordinal.select(place)]}`;
}

/** Minutes, seconds and tenths: in a race they tell one from the other. @param {number} seconds */
export function exactTime(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

/** Who came in as which, and the time that it took. @param {number} place @param {number} seconds */
export function arrivalWords(place, seconds) {
  return `${placeWords(place)} · ${exactTime(seconds)}`;
}

/** What the countdown shows: Ready, 3, 2, 1, and nothing once it is over. @param {number} seconds */
export function countWords(seconds) {
  if (seconds <= 0) return "";
  const count = Math.ceil(seconds);
  return count > 3 ? "Ready" : String(count);
}

/** Race, round 2 @param {Contest} contest */
export function roundWords(contest) {
  return `${contest.mode === "race" ? "Race" : "Relay"}, round ${contest.round}`;
}

/** 2 wins @param {number} wins */
export function winWords(wins) {
  return `${wins} ${wins === 1 ? "win" : "wins"}`;
}

/** Who came in first, in a line; empty while nobody has. @param {Contest} contest @param {(id: string) => string} nameOf a pupil */
export function winnerWords(contest, nameOf) {
  const first = Object.keys(contest.places).filter((key) => contest.places[key] === 1);
  const names = first.map((key) => (contest.mode === "relay" ? `Team ${key}` : nameOf(key)));
  return names.length ? `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} first!` : "";
}

/** @param {Contest} contest @param {string} pupil */
export function teamOf(contest, pupil) {
  return contest.teams.find((team) => team.members.includes(pupil));
}

/** Shows a team's symbol. @param {Element} place a `use` @param {string} name of the team */
export function showSymbol(place, name) {
  place.setAttribute("href", `#team-${name.toLowerCase()}`);
}
