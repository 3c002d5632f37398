/**
 * The text aloud: all of it when asked, and each word as it ends where that is switched on. Voice and rate are chosen in a dialog
 * and remembered on this machine. Its elements are those of templates/voice.html and the page's Speak button.
 *
 * @typedef {import("./types.d.ts").Notice} Notice
 */

import { element } from "./element.js";
import { Endings } from "./endings.js";
import { recall, remember } from "./memory.js";
import { Speech, voiceOf } from "./speech.js";
import { speakable } from "./words.js";

/** A little slower than voices speak by themselves: these are words that somebody has just been waiting for. */
const RATE = 0.9;
const SAMPLE = "This is how your words sound.";

export class Voice {
  #notice;
  #speech = new Speech(
    (speaking) => element("speak", HTMLElement).setAttribute("aria-pressed", String(speaking)),
    () => this.#dialog.open && this.#list(),
  );
  #endings = new Endings();
  #dialog = element("voice", HTMLDialogElement);
  #choice = element("voice-choice", HTMLSelectElement);
  #rate = element("voice-rate", HTMLInputElement);
  #eachWord = recall("speak-words") === true;

  /** @param {(notice: Notice, seconds: number) => void} notice */
  constructor(notice) {
    this.#notice = notice;
    const rate = Number(recall("rate") ?? RATE);
    this.#rate.valueAsNumber = rate >= Number(this.#rate.min) && rate <= Number(this.#rate.max) ? rate : RATE;
    this.#listen();
    this.#showEachWord();
  }

  /** Speaks all of it, or stops speaking. @param {string} text */
  async speak(text) {
    if (this.#speech.speaking) {
      this.hush();
      return;
    }
    if (!text.trim()) {
      this.#notice({ tone: "calm", text: "There is nothing to speak yet." }, 4);
      return;
    }
    const voice = await this.#voice();
    if (voice) this.#speech.say(speakable(text), voice, this.#rate.valueAsNumber);
  }

  /**
   * The text has changed: says the word that has just ended, where each is to be spoken.
   *
   * @param {string} text
   * @param {import("./endings.js").Cause} cause
   */
  async heard(text, cause) {
    const word = this.#endings.step(text, cause);
    if (word === null || !this.#eachWord || document.hidden) return;
    const voice = await this.#voice();
    if (voice) this.#speech.say(speakable(word), voice, this.#rate.valueAsNumber);
  }

  hush() {
    this.#speech.stop();
  }

  /** Speaks each word as it ends from now on, or no longer. */
  async toggleEachWord() {
    if (!this.#eachWord && !(await this.#voice())) return; // it has been said why not
    this.#eachWord = !this.#eachWord;
    remember("speak-words", this.#eachWord || null);
    if (!this.#eachWord) this.hush();
    this.#showEachWord();
    this.#notice({ tone: "calm", text: this.#eachWord ? "Each word is spoken when it ends." : "Words are no longer spoken." }, 5);
  }

  choose() {
    this.#showRate();
    this.#dialog.showModal();
    this.#list();
  }

  async #list() {
    const voices = await this.#speech.voices();
    element("voice-none", HTMLElement).hidden = voices.length > 0;
    element("voice-choices", HTMLElement).hidden = voices.length === 0;
    const now = voiceOf(voices, this.#chosen());
    const english = voices.filter(({ lang }) => /^en\b/i.test(lang));
    const others = voices.filter((voice) => !english.includes(voice));
    this.#choice.replaceChildren(group("English", english, now), group("Other languages", others, now));
    if (!now) this.#choice.selectedIndex = -1;
    element("voice-far", HTMLElement).hidden = voices.every(({ localService }) => localService);
  }

  #listen() {
    this.#choice.addEventListener("change", () => remember("voice", this.#choice.value));
    this.#rate.addEventListener("input", () => {
      remember("rate", this.#rate.valueAsNumber);
      this.#showRate();
    });
    element("voice-try", HTMLButtonElement).addEventListener("click", async () => {
      this.hush();
      const voice = await this.#voice();
      if (voice) this.#speech.say(SAMPLE, voice, this.#rate.valueAsNumber);
    });
    this.#dialog.addEventListener("close", () => this.hush());
    document.addEventListener("visibilitychange", () => document.hidden && this.hush());
    addEventListener("pagehide", () => this.hush());
  }

  /** @returns {string | null} */
  #chosen() {
    const stored = recall("voice");
    return typeof stored === "string" ? stored : null;
  }

  /** The voice to speak with; where there is none, it is said why. @returns {Promise<SpeechSynthesisVoice | null>} */
  async #voice() {
    const voices = await this.#speech.voices();
    const voice = voiceOf(voices, this.#chosen());
    if (voice) return voice;
    if (!voices.length) {
      this.#notice({ tone: "warn", text: "This browser has no voice. Add one in the system’s speech settings, then reload the page." }, 10);
    } else if (!this.#dialog.open) {
      this.choose();
    }
    return null;
  }

  #showEachWord() {
    element("speak-words", HTMLElement).setAttribute("aria-checked", String(this.#eachWord));
  }

  #showRate() {
    const words = `${Math.round(this.#rate.valueAsNumber * 100)}%`;
    element("voice-rate-shown", HTMLElement).textContent = words;
    this.#rate.setAttribute("aria-valuetext", words);
  }
}

/** @param {string} label @param {SpeechSynthesisVoice[]} voices @param {SpeechSynthesisVoice | null} now */
function group(label, voices, now) {
  const made = document.createElement("optgroup");
  made.label = label;
  made.hidden = !voices.length;
  for (const voice of voices) {
    const name = voice.localService ? voice.name : `${voice.name} (over the internet)`;
    made.append(new Option(name, voice.voiceURI, voice === now, voice === now));
  }
  return made;
}
