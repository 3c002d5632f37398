/**
 * A kept transcript played again, step by step. Pure but for its timer: this file never sees the page.
 *
 * @typedef {import("./types.d.ts").Step} Step
 */

/** Nobody wants to sit through a pause again. */
export const LONGEST_PAUSE_MS = 2000;

export class Replay {
  /** @type {Step[]} */
  #steps = [];
  #position = 0;
  #timer = 0;
  #onChange;
  speed = 2;

  /** @param {() => void} onChange something that is to be shown has changed */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get length() {
    return this.#steps.length;
  }

  get playing() {
    return this.#timer !== 0;
  }

  /** How many steps have been made. */
  get position() {
    return this.#position;
  }

  /** The step that was made last. */
  get step() {
    return this.#steps[this.#position - 1] ?? null;
  }

  /** The text before that step. */
  get before() {
    return this.#steps[this.#position - 2]?.text ?? "";
  }

  /** Another transcript, shown as it ended. @param {Step[]} steps */
  open(steps) {
    this.pause();
    this.#steps = steps;
    this.go(steps.length);
  }

  /** The same transcript has grown; whoever looks at its end goes on looking at its end. @param {Step[]} more the steps that are new */
  grow(more) {
    const follows = this.#position === this.length && !this.playing;
    this.#steps = [...this.#steps, ...more];
    this.go(follows ? this.length : this.#position);
  }

  /** @param {number} position */
  go(position) {
    this.#position = Math.max(0, Math.min(position, this.#steps.length));
    this.#onChange();
  }

  play() {
    if (this.playing || !this.#steps.length) return;
    if (this.#position === this.#steps.length) this.#position = 0;
    this.#wait();
    this.#onChange();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#onChange();
  }

  #wait() {
    const next = this.#steps[this.#position];
    if (!next) {
      this.pause();
      return;
    }
    const gap = (next.seconds - (this.step?.seconds ?? next.seconds)) * 1000;
    this.#timer = globalThis.setTimeout(
      () => {
        this.go(this.#position + 1);
        if (this.playing) this.#wait();
      },
      Math.min(gap, LONGEST_PAUSE_MS) / this.speed,
    );
  }
}
