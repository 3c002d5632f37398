/** Speaking with the browser's own voices, one thing after the other. What is said, and when, is decided elsewhere. */

/** Browsers list their voices late. One that has listed none after so long has none. */
const LISTED_MS = 1500;

/**
 * The voice to speak with: the one that was chosen, else an English one of this machine. A voice that is not of this machine sends
 * the text to whoever made it; that is for the person to choose.
 *
 * @template {Pick<SpeechSynthesisVoice, "voiceURI" | "lang" | "localService" | "default">} Voice
 * @param {Voice[]} voices
 * @param {string | null} chosen its URI
 * @returns {Voice | null} null where there is none to take unasked
 */
export function voiceOf(voices, chosen) {
  const local = voices.filter((voice) => voice.localService);
  const english = local.filter(({ lang }) => /^en\b/i.test(lang));
  return (
    voices.find(({ voiceURI }) => voiceURI === chosen) ??
    english.find((voice) => voice.default) ??
    english.find(({ lang }) => /^en[-_]GB/i.test(lang)) ??
    english[0] ??
    local[0] ??
    null
  );
}

export class Speech {
  #onChange;
  #synthesis = "speechSynthesis" in window ? window.speechSynthesis : null;
  /** What is being said or waits for its turn. Held here: browsers forget the end of an utterance that nobody holds. */
  #said = new Set();

  /**
   * @param {(speaking: boolean) => void} onChange
   * @param {() => void} onVoices there are other voices than before
   */
  constructor(onChange, onVoices) {
    this.#onChange = onChange;
    this.#synthesis?.addEventListener("voiceschanged", onVoices);
  }

  get speaking() {
    return this.#said.size > 0;
  }

  /** @returns {Promise<SpeechSynthesisVoice[]>} none where the browser cannot speak */
  async voices() {
    const synthesis = this.#synthesis;
    if (!synthesis) return [];
    const listed = synthesis.getVoices();
    if (listed.length) return listed;
    await new Promise((resolve) => {
      synthesis.addEventListener("voiceschanged", resolve, { once: true });
      setTimeout(resolve, LISTED_MS);
    });
    return synthesis.getVoices();
  }

  /**
   * Says it after whatever is being said.
   *
   * @param {string} words
   * @param {SpeechSynthesisVoice} voice
   * @param {number} rate 1 is the voice's own
   */
  say(words, voice, rate) {
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = rate;
    for (const end of ["end", "error"]) utterance.addEventListener(end, () => this.#ended(utterance)); // cancelling is an error, too
    this.#said.add(utterance);
    this.#synthesis?.speak(utterance);
    this.#onChange(true);
  }

  stop() {
    this.#said.clear();
    this.#synthesis?.cancel();
    this.#onChange(false);
  }

  /** @param {SpeechSynthesisUtterance} utterance */
  #ended(utterance) {
    if (this.#said.delete(utterance) && !this.speaking) this.#onChange(false);
  }
}
