/**
 * Which key does what. This file never sees the page: it is given an event's facts and names a command.
 *
 * @typedef {"camera" | "space" | "delete" | "word-1" | "word-2" | "word-3" | "word-4" | "word-5" | "word-6" | "own-words" | "undo" | "clear" | "copy" | "speak" | "speak-words" | "captions" | "record" | "large" | "letters" | "digits" | "hand" |
 *   "slow" | "normal" | "fast" | "expert" | "find" | "guide" | "reset" | "theme" | "help"} Command
 *
 * @typedef {object} Press
 * @property {string} key
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} altKey
 * @property {boolean} shiftKey
 *
 * @typedef {"text" | "control" | "choice" | "page"} Place where the focus is: in a field that takes typing, on a control that has
 *   its own use for Space and Enter, on a choice that has none for Enter, or on none of them
 */

/**
 * Every key and its command, in the order of the page's list. Keys are compared in lower case.
 *
 * @type {[string, Command][]}
 */
export const KEYS = [
  ["v", "camera"],
  [" ", "space"],
  ["backspace", "delete"],
  ["enter", "word-1"],
  ["5", "word-2"],
  ["6", "word-3"],
  ["7", "word-4"],
  ["8", "word-5"],
  ["9", "word-6"],
  ["o", "own-words"],
  ["u", "undo"],
  ["x", "clear"],
  ["c", "copy"],
  ["s", "speak"],
  ["w", "speak-words"],
  ["k", "captions"],
  ["r", "record"],
  ["p", "large"],
  ["l", "letters"],
  ["d", "digits"],
  ["h", "hand"],
  ["1", "slow"],
  ["2", "normal"],
  ["3", "fast"],
  ["4", "expert"],
  ["f", "find"],
  ["b", "guide"],
  ["0", "reset"],
  ["t", "theme"],
  ["?", "help"],
];

const COMMANDS = new Map(KEYS);

/** Native controls press themselves with these. @type {Partial<Record<Place, string[]>>} */
const OWN_KEYS = { control: [" ", "enter"], choice: [" "] };

/**
 * The command that a key press means, or null where the press belongs to someone else: the browser (Ctrl+C copies a
 * selection), a focused button (Space presses it) or a field.
 *
 * @param {Press} press
 * @param {Place} place
 * @param {boolean} single whether keys without Ctrl are on; who speaks to the computer may need them off
 * @returns {Command | null}
 */
export function commandFor(press, place, single = true) {
  if (place === "text") return null;
  const key = press.key.toLowerCase();
  if ((press.ctrlKey || press.metaKey) && !press.altKey) {
    return key === "z" && !press.shiftKey ? "undo" : null; // with Shift it is redo, which there is none of
  }
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  if (!single || OWN_KEYS[place]?.includes(key)) return null;
  return COMMANDS.get(key) ?? null;
}
