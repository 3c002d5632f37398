/**
 * A person's own words: typed, pasted or from a file, in a dialog, and remembered on this machine. The server is told after every
 * hello, because it may have been restarted. Its elements are those of templates/ownwords.html and the row's button.
 *
 * @typedef {import("./types.d.ts").OwnWords} List
 * @typedef {import("./types.d.ts").VocabularyReply} VocabularyReply
 */

import { element } from "./element.js";
import { recall, remember } from "./memory.js";
import { countWords, problemOf, wordsOf } from "./wordlist.js";

const USES = /** @type {const} */ (["off", "preferred", "only"]);
const LARGEST_FILE = 1_000_000;

export class OwnWords {
  #tell;
  #dialog = element("own-words", HTMLDialogElement);
  #text = element("own-words-text", HTMLTextAreaElement);
  #count = element("own-words-count", HTMLElement);
  #problem = element("own-words-problem", HTMLElement);
  #list = recalled();
  /** Whether the server has yet to hear of it. */
  #untold = this.#list.use !== "off";

  /** @param {(list: List) => Promise<VocabularyReply | null>} tell null where the server cannot be reached */
  constructor(tell) {
    this.#tell = tell;
    for (const id of ["own-words-open", "own-words-menu"]) element(id, HTMLButtonElement).addEventListener("click", () => this.open());
    this.#text.addEventListener("input", () => this.#check());
    element("own-words-file", HTMLInputElement).addEventListener("change", ({ target }) => {
      const input = /** @type {HTMLInputElement} */ (target);
      const file = input.files?.[0];
      if (file) this.#read(file);
      input.value = ""; // the same file can be chosen again
    });
    for (const input of this.#uses()) input.addEventListener("change", () => this.#check());
    element("own-words-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use();
    });
    this.#show();
  }

  open() {
    this.#text.value = this.#list.words.join("\n");
    // Whoever opens it to paste a list wants it used.
    const use = this.#list.words.length ? this.#list.use : "preferred";
    for (const input of this.#uses()) input.checked = input.value === use;
    this.#check();
    this.#dialog.showModal();
  }

  /** The server has greeted the page. @param {boolean} resumed whether it remembers this session, and its list */
  async greeted(resumed) {
    if (!this.#untold && (resumed || this.#list.use === "off")) return;
    this.#untold = true;
    this.#untold = (await this.#tell(this.#list)) === null;
  }

  #uses() {
    return [...this.#dialog.querySelectorAll('input[name="own-use"]')].map((input) => /** @type {HTMLInputElement} */ (input));
  }

  #chosen() {
    return USES.find((use) => this.#uses().some((input) => input.checked && input.value === use)) ?? "off";
  }

  /** @returns {boolean} whether the list can be used as chosen */
  #check() {
    const list = wordsOf(this.#text.value);
    const missing = this.#chosen() !== "off" && !list.words.length;
    this.#count.textContent = countWords(list.words.length);
    this.#say(problemOf(list) ?? "");
    return !missing;
  }

  async #use() {
    if (!this.#check()) {
      this.#say("There is no word to use yet. Type or paste some, or choose Off.");
      this.#text.focus();
      return;
    }
    this.#list = { words: wordsOf(this.#text.value).words, use: this.#chosen() };
    remember("own-words", this.#list.words.length ? this.#list : null);
    this.#untold = true;
    const reply = await this.#tell(this.#list);
    if (reply?.error) {
      this.#say(reply.error.message);
      return;
    }
    this.#untold = reply === null; // then it is told at the next hello
    this.#show();
    this.#dialog.close();
  }

  /** @param {File} file */
  async #read(file) {
    if (file.size > LARGEST_FILE) {
      this.#say(`${file.name} is larger than a list of words can be. Choose a plain text file.`);
      return;
    }
    const text = await file.text();
    if (text.includes("\0") || text.includes("\ufffd")) {
      this.#say(`${file.name} is no plain text. Save the list as text (.txt or .csv, UTF-8) and choose that.`);
      return;
    }
    this.#text.value = text;
    this.#check();
  }

  /** @param {string} words */
  #say(words) {
    if (this.#problem.textContent !== words) this.#problem.textContent = words;
  }

  #show() {
    element("proposals", HTMLElement).dataset["use"] = this.#list.use;
    element("own-words-use", HTMLElement).textContent = this.#list.use === "off" ? "" : `: ${this.#list.use}`;
  }
}

/** What this machine remembers, if that can be used. @returns {List} */
function recalled() {
  const stored = /** @type {Record<string, unknown> | null} */ (recall("own-words"));
  const words = Array.isArray(stored?.["words"]) ? wordsOf(stored["words"].join(" ")).words : [];
  const use = words.length ? USES.find((known) => known === stored?.["use"]) : undefined;
  return { words, use: use ?? "off" };
}
