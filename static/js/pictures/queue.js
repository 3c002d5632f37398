/**
 * Things to be done one after the other, in the order in which they came; it can be held, and what it is at is told. It knows
 * nothing of pictures.
 *
 * @template Item
 */
export class Queue {
  /** @type {Item[]} */
  #waiting = [];
  #busy = false;
  #held = true;
  #done = 0;
  #work;
  #onProgress;

  /**
   * @param {(item: Item) => Promise<"done" | "later">} work never fails; what is to be done later is done first once the queue goes on
   * @param {(done: number, total: number) => void} onProgress counted since the queue was last empty
   */
  constructor(work, onProgress) {
    this.#work = work;
    this.#onProgress = onProgress;
  }

  /** @param {Item} item */
  add(item) {
    if (!this.#waiting.length && !this.#busy) this.#done = 0;
    this.#waiting.push(item);
    this.#tell();
    this.#next();
  }

  /** Takes an item out that has not begun. @param {Item} item */
  drop(item) {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== item);
    this.#tell();
  }

  /** What is under way is finished; nothing more begins. */
  hold() {
    this.#held = true;
  }

  go() {
    this.#held = false;
    this.#next();
  }

  async #next() {
    if (this.#busy || this.#held) return;
    const item = this.#waiting.shift();
    if (item === undefined) return;
    this.#busy = true;
    const outcome = await this.#work(item);
    this.#busy = false;
    if (outcome === "later") this.#waiting.unshift(item);
    else this.#done += 1;
    this.#tell();
    this.#next();
  }

  #tell() {
    this.#onProgress(this.#done, this.#done + this.#waiting.length + Number(this.#busy));
  }
}
