/**
 * Which browser this is, as far as what a person must press differs. A guess from what it says of itself: wherever it is used,
 * nothing is lost when it is wrong. Pure.
 *
 * @typedef {"chrome" | "safari" | "firefox"} Brand Edge, Samsung's browser and their like press as Chrome does
 * @typedef {"laptop" | "phone" | "ios"} Device a tablet is a phone here
 */

/**
 * @param {string} agent the browser's user agent
 * @param {number} touchPoints an iPad says that it is a Mac, but a Mac cannot be touched
 * @returns {{brand: Brand, device: Device}}
 */
export function browserOf(agent, touchPoints) {
  const brand = /Firefox|FxiOS/.test(agent) ? "firefox" : /Chrome|CriOS|Edg/.test(agent) ? "chrome" : "safari";
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1);
  return { brand, device: ios ? "ios" : /Android|Mobile/.test(agent) ? "phone" : "laptop" };
}
