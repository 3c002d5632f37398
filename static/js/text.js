/**
 * The text on the page: what the server holds, and before it what the page itself has kept from a server that forgot it.
 *
 * A server that was restarted greets the page with an empty text. Nobody should lose a sentence to that, so the page keeps what
 * it showed and goes on behind it. Pure: this file never sees page or socket.
 *
 * @typedef {import("./types.d.ts").EditOp} EditOp
 */

export class Text {
  #kept;
  #held;
  /** What undoing an edit of the kept part brings back, and the server's text at which that undo is due. */
  /** @type {{kept: string, held: string, asksServer: boolean}[]} */
  #undone = [];

  /** @param {string} kept @param {string} held */
  constructor(kept = "", held = "") {
    this.#kept = kept;
    this.#held = held;
  }

  get kept() {
    return this.#kept;
  }

  get held() {
    return this.#held;
  }

  get all() {
    return this.#kept + this.#held;
  }

  /** The server says what its text is now. @param {string} held @returns {boolean} whether anything changed */
  update(held) {
    const changed = held !== this.#held;
    this.#held = held;
    return changed;
  }

  /** The server starts from `held`, knowing nothing of what is shown. @param {string} held */
  restart(held) {
    this.#kept = this.all;
    this.#held = held;
    this.#undone = [];
  }

  /**
   * Does the page's own share of an edit.
   *
   * @param {EditOp} op
   * @returns {boolean} whether the server has a share in it too
   */
  edit(op) {
    if (op === "undo") {
      const last = this.#undone.at(-1);
      if (!last || last.held !== this.#held) return true;
      this.#undone.pop();
      this.#kept = last.kept;
      return last.asksServer;
    }
    if (!this.#kept || op === "space" || (op === "delete" && this.#held)) return true;
    const asksServer = op === "clear" && this.#held !== "";
    this.#undone.push({ kept: this.#kept, held: op === "clear" ? "" : this.#held, asksServer });
    this.#kept = op === "clear" ? "" : this.#kept.slice(0, -1);
    return asksServer;
  }
}
