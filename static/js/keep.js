/**
 * Keeping what is spelled: off until the person says so, in a dialog that tells exactly what is kept. The choice is remembered on
 * this machine, so that a server which forgot it is asked again. Its elements are those of templates/keep.html and the page's
 * Keep switch.
 *
 * @typedef {import("./types.d.ts").Keeping} Keeping
 * @typedef {import("./types.d.ts").Notice} Notice
 * @typedef {import("./types.d.ts").WireError} WireError
 */

import { element } from "./element.js";
import { recall, remember } from "./memory.js";

const UNREACHED = "The server cannot be reached: nothing was changed. Try again in a moment.";

export class Keep {
  #notice;
  #token;
  #switch = element("keep", HTMLButtonElement);
  #dialog = element("keep-dialog", HTMLDialogElement);
  #wanted = false;
  // A pupil's page keeps nothing, whatever this machine's other pages do.
  #inClass = document.getElementById("class-bar") !== null;
  /** @type {Keeping} */
  #state = { on: false, waiting: false, lost: 0 };

  /**
   * @param {(notice: Notice | null, seconds?: number) => void} notice
   * @param {() => string | null} token of the page's session
   */
  constructor(notice, token) {
    this.#notice = notice;
    this.#token = token;
    this.#switch.hidden = this.#inClass;
    this.#switch.addEventListener("click", () => (this.#state.on ? this.#choose(false) : this.#dialog.showModal()));
    element("keep-yes", HTMLButtonElement).addEventListener("click", () => this.#choose(true));
    addEventListener("storage", ({ key }) => {
      if (key === null || key.endsWith(".keep")) this.#follow(); // another tab was told otherwise
    });
  }

  /** The server greets this page. @param {Keeping} keeping */
  greet(keeping) {
    this.#state = { ...keeping, waiting: false };
    this.tell(keeping);
    this.#follow();
  }

  /** How keeping fares, as the server tells it. @param {Keeping} keeping */
  tell(keeping) {
    const before = this.#state;
    this.#state = keeping;
    this.#switch.setAttribute("aria-checked", String(keeping.on));
    element("kept", HTMLElement).hidden = !keeping.on;
    if (!keeping.on) return;
    if (keeping.lost > before.lost) {
      this.#notice({ tone: "bad", text: "The server’s database was away for too long: the details of some letters are not kept." }, 20);
    } else if (keeping.waiting) {
      this.#notice({ tone: "warn", text: "The server’s database is away. Go on: your text waits in memory until it is back." });
    } else if (before.waiting) {
      this.#notice({ tone: "good", text: "The database is back, and your text is kept." }, 6);
    }
  }

  async #follow() {
    this.#wanted = !this.#inClass && recall("keep") === true;
    if (this.#wanted !== this.#state.on) await this.#ask(this.#wanted);
  }

  /** @param {boolean} on */
  async #choose(on) {
    if (!(await this.#ask(on))) return;
    if (on && !(await hasKey())) {
      // The key did not stay: what was kept could never be seen again.
      await this.#ask(false);
      this.#notice({ tone: "bad", text: "This browser takes no cookies, so it could not open what is kept. Nothing is kept. Allow cookies for this page, and try again." }, 20);
      return;
    }
    remember("keep", on || null);
    if (on) this.#notice({ tone: "good", text: "Your text is kept from now on." }, 6);
    else this.#notice({ tone: "calm", text: "Nothing more is kept. The history still has what was." }, 8);
  }

  /** @param {boolean} on @returns {Promise<boolean>} whether the server did as it was told */
  async #ask(on) {
    /** @type {Keeping | {error: WireError}} */
    let answer;
    try {
      const response = await fetch("/api/keep", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: this.#token(), on }),
      });
      answer = await response.json();
    } catch {
      answer = { error: { code: "unreached", message: UNREACHED } };
    }
    if ("error" in answer) {
      this.#notice({ tone: "warn", text: answer.error.message }, 8);
      return false;
    }
    this.tell(answer);
    return true;
  }
}

/** @returns {Promise<boolean>} whether this browser has kept the cookie; where nobody can say, nothing speaks against it */
async function hasKey() {
  try {
    const response = await fetch("/api/history");
    return !response.ok || (await response.json()).has_key;
  } catch {
    return true;
  }
}
