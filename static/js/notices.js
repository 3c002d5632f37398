/**
 * What a page says in words: one notice at a time for everybody, and announcements for screen readers alone.
 *
 * @typedef {import("./types.d.ts").Notice} Notice
 */

import { element } from "./element.js";

const ANNOUNCEMENTS = 8;

/** @template {string} Topic */
export class Notices {
  #order;
  /** @type {Map<Topic, Notice>} */
  #notices = new Map();
  /** @type {Map<Topic, number>} */
  #timers = new Map();

  /** @param {readonly Topic[]} order which notice is shown when several hold, most pressing first */
  constructor(order) {
    this.#order = order;
  }

  /**
   * Sets, replaces or takes away one of the things to be said; the most pressing is shown.
   *
   * @param {Topic} topic
   * @param {Notice | null} notice
   * @param {number} seconds after which it passes; 0 stays
   */
  notice(topic, notice, seconds = 0) {
    clearTimeout(this.#timers.get(topic));
    if (notice) this.#notices.set(topic, notice);
    else this.#notices.delete(topic);
    if (notice && seconds > 0) this.#timers.set(topic, window.setTimeout(() => this.notice(topic, null), seconds * 1000));
    const shown = this.#order.map((name) => this.#notices.get(name)).find((one) => one !== undefined);
    const text = element("notice-text", HTMLElement);
    const words = shown?.text ?? "Connected";
    element("notice", HTMLElement).dataset["tone"] = shown?.tone ?? "good";
    if (text.textContent !== words) text.textContent = words; // said again only when it is something else
    const action = element("notice-action", HTMLButtonElement);
    action.hidden = !shown?.action;
    action.textContent = shown?.action?.label ?? "";
    action.onclick = shown?.action?.run ?? null;
  }
}

/** For screen readers alone. @param {string} words */
export function announce(words) {
  const announcer = element("announcer", HTMLElement);
  // A new element each time: the same letter twice would otherwise be no change, and stay unsaid.
  const line = document.createElement("p");
  line.textContent = words;
  announcer.append(line);
  while (announcer.childElementCount > ANNOUNCEMENTS) announcer.firstElementChild?.remove();
}
