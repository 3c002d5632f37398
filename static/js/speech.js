/** Reading the text aloud with the browser's own voices. */

export class Speech {
  #onChange;
  #synthesis = "speechSynthesis" in window ? window.speechSynthesis : null;
  #speaking = false;

  /** @param {(speaking: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get available() {
    return this.#synthesis !== null;
  }

  get speaking() {
    return this.#speaking;
  }

  /** @param {string} text */
  speak(text) {
    if (!this.#synthesis) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = "en";
    utterance.rate = 0.9;
    // "error" also comes when it is cancelled, and where the machine has no voice at all.
    utterance.addEventListener("end", () => this.#set(false));
    utterance.addEventListener("error", () => this.#set(false));
    this.#synthesis.cancel();
    this.#synthesis.speak(utterance);
    this.#set(true);
  }

  stop() {
    this.#synthesis?.cancel();
    this.#set(false);
  }

  /** @param {boolean} speaking */
  #set(speaking) {
    if (speaking === this.#speaking) return;
    this.#speaking = speaking;
    this.#onChange(speaking);
  }
}
