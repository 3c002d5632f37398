/**
 * What the page says, and when: pure functions from readings and text to words. This file never sees the page.
 *
 * @typedef {import("./types.d.ts").Advice} Advice
 * @typedef {import("./types.d.ts").Reading} Reading
 */

/** The signs that are not their own picture. @type {Record<string, string>} */
const NAMES = { space: "space", del: "delete", nothing: "no hand" };

/** While more is sent than the server can read: the page's and the board's words for it. */
export const BUSY_WORDS = "Many are spelling at once: letters come a little slower.";

/** @param {string} sign */
export function nameOf(sign) {
  return NAMES[sign] ?? sign;
}

/** @param {number} share */
export function percent(share) {
  return `${Math.round(share * 100)}%`;
}

/** As a clock shows it: 0:07, 9:59, 1:02:05. @param {number} seconds @returns {string} */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * How far a sign can be relied on, in words that promise no more than was measured: rounded down, and never always.
 *
 * @param {number} share of the readings of people the model had never seen
 */
export function reliabilityWords(share) {
  const outOf = share < 0.95 ? 10 : share < 0.98 ? 20 : share < 0.99 ? 50 : 100;
  const right = Math.min(Math.floor(share * outOf + 1e-6), outOf - 1); // 0.29 * 100 is a little less than 29
  return `right ${right} ${right === 1 ? "time" : "times"} in ${outOf} for strangers`;
}

/**
 * How a reading is shown.
 *
 * @param {Reading} reading
 * @returns {"none" | "unsure" | "held" | "spent"} `none`: no hand; `unsure`: a hand, but no sign believed; `held`: a sign on
 *   its way; `spent`: a sign that has been written and waits for a release
 */
export function stateOf(reading) {
  if (reading.sign === null || reading.sign === "nothing") return reading.top[0]?.[0] === "nothing" ? "none" : "unsure";
  return reading.progress >= 1 ? "spent" : "held";
}

/**
 * The guess and its two rivals, likeliest first. The guess is the steadied one where there is one, so that the list does not
 * contradict the big letter for a frame.
 *
 * @param {Reading} reading
 * @returns {[string, number][]}
 */
export function candidatesOf(reading) {
  if (reading.sign === null) return reading.top.slice(0, 3);
  // While a sign is believed, "no hand" only says that it is going; it is no other sign.
  const rivals = reading.top.filter(([sign]) => sign !== reading.sign && sign !== "nothing");
  return [[reading.sign, reading.confidence], ...rivals.slice(0, 2)];
}

/**
 * What a screen reader is told of a commitment; the letters of a word as they come, then the word.
 *
 * @param {string} committed
 * @param {string} text the text after it
 */
export function spokenFor(committed, text) {
  if (committed === "del") return "deleted";
  if (committed !== "space") return committed;
  const word = lastWord(text);
  return word ? `space. Word: ${word}` : "space";
}

/**
 * What a screen reader is told of the words proposed, when a word has ended and was perhaps read wrongly; else null.
 *
 * @param {import("./types.d.ts").Words} words
 * @param {string} text
 * @param {boolean} keys whether single keys are on
 */
export function proposedFor({ proposals }, text, keys) {
  const first = proposals[0];
  if (first === undefined || first === lastWord(text)) return null;
  return `Perhaps ${first}.${keys ? " Enter takes it." : ""}`;
}

/** @param {string} text */
export function lastWord(text) {
  return text.trimEnd().split(/\s+/).at(-1) ?? "";
}

/**
 * The text as a voice should read it. Voices spell capitals out and read 2059 as a number; the signer meant a word and
 * four digits.
 *
 * @param {string} text
 */
export function speakable(text) {
  return text.trim().toLowerCase().replace(/\d(?=\d)/g, "$& ");
}

/**
 * The warning before the text is full, or null while there is plenty of room.
 *
 * @param {number} length
 * @param {number} limit
 */
export function roomLeft(length, limit) {
  const left = limit - length;
  if (left <= 0) return `The text is full: ${limit} letters. Delete or clear to go on.`;
  if (left > Math.max(20, limit * 0.05)) return null;
  return left === 1 ? "Room for one more letter." : `Room for ${left} more letters.`;
}

/**
 * What to do about a camera that did not start.
 *
 * @param {string} name the error's name, or "Insecure" and "Ended", which are ours
 * @returns {Advice}
 */
export function cameraAdvice(name) {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return {
        title: "The camera was refused",
        trouble: "refused",
        text: "Allow the camera for this page and press Start camera again. If nothing is asked, the device’s own privacy settings may be refusing the browser.",
      };
    case "NotFoundError":
      return {
        title: "No camera was found",
        trouble: "none",
        text: "Plug one in, or switch on the built-in one (some laptops have a shutter or a key for it), then press Start camera again.",
      };
    case "NotReadableError":
    case "AbortError":
      return {
        title: "The camera is busy",
        trouble: "busy",
        text: "Another program or tab seems to be using it. Close video calls and other camera pages, then press Start camera again.",
      };
    case "OverconstrainedError":
      return {
        title: "The camera does not fit",
        trouble: null,
        text: "It offers no picture size that this page can use. Try another camera, then press Start camera again.",
      };
    case "Insecure":
      return {
        title: "This address cannot use a camera",
        trouble: "insecure",
        text: "Browsers give the camera to secure pages only. Open this page by an address that begins with https://, or on the server’s own machine by http://127.0.0.1 or http://localhost.",
      };
    case "Ended":
      return {
        title: "The camera went away",
        trouble: null,
        text: "It was unplugged, or the browser took it back. Your text is still here. Press Start camera when it is there again.",
      };
    default:
      return {
        title: "The camera did not start",
        trouble: null,
        text: `The browser gave no better reason than “${name}”. Reload the page and press Start camera again.`,
      };
  }
}
