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
  /** How many changes of the server's text stand behind each other, those taken back left out. */
  #steps = 0;
  /**
   * What undoing an edit of the kept part brings back, and where that undo is due: at the server's text and step of then.
   *
   * @type {{kept: string, held: string, step: number, asksServer: boolean}[]}
   */
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

  /** Whether the last word began in what the page has kept: then the server does not know all of it. */
  get parted() {
    return /\S$/.test(this.#kept) && /^\S*\s?$/.test(this.#held);
  }

  /**
   * The server says what its text is now.
   *
   * @param {string} held
   * @param {1 | -1} step -1 where that is the answer to an undo
   * @returns {boolean} whether anything changed
   */
  update(held, step = 1) {
    if (held === this.#held) return false;
    this.#held = held;
    this.#steps += step;
    return true;
  }

  /** The server starts from `held`, knowing nothing of what is shown. @param {string} held */
  restart(held) {
    this.#kept = this.all;
    this.#held = held;
    this.#steps = 0;
    this.#undone = [];
  }

  /** The server knows all of the text. @returns {boolean} whether anything changed */
  keepNothing() {
    const changed = this.#kept !== "";
    this.#kept = "";
    this.#undone = [];
    return changed;
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
      if (!last || last.held !== this.#held || last.step < this.#steps) return true;
      this.#undone.pop();
      this.#kept = last.kept;
      return last.asksServer;
    }
    if (!this.#kept || op === "space" || op === "take" || (op === "delete" && this.#held)) return true;
    const asksServer = op === "clear" && this.#held !== "";
    const after = asksServer ? { held: "", step: this.#steps + 1 } : { held: this.#held, step: this.#steps };
    this.#undone.push({ kept: this.#kept, ...after, asksServer });
    this.#kept = op === "clear" ? "" : this.#kept.slice(0, -1);
    return asksServer;
  }
}
