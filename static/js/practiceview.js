/**
 * Everything that the practice page shows: it writes the page and decides nothing.
 *
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {import("./feedback.js").Feedback} Feedback
 * @typedef {import("./game.js").Tally} Tally
 * @typedef {"letter" | "setup" | "game" | "paused" | "result"} Play
 */

import { element, made } from "./element.js";
import { clean } from "./game.js";
import { mirrored, viewWords } from "./hands.js";
import { clock } from "./words.js";

/** @param {string} id */
const html = (id) => element(id, HTMLElement);

/** @type {Record<Play, string>} */
const PAPERS = { letter: "paper-letter", setup: "paper-setup", game: "paper-game", paused: "paper-game", result: "paper-result" };

export class PracticeView {
  #board = html("board");
  #target = html("target");
  #said = html("said");

  /** @param {Play} play */
  showPlay(play) {
    this.#board.dataset["play"] = play;
    for (const paper of new Set(Object.values(PAPERS))) html(paper).hidden = paper !== PAPERS[play];
    html("pause").textContent = play === "paused" ? "Go on" : "Pause";
    for (const id of ["hint", "skip"]) element(id, HTMLButtonElement).disabled = play === "paused";
    const words = play === "letter" ? "letter" : "words";
    for (const input of document.querySelectorAll('input[name="play"]')) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = radio.value === words;
    }
  }

  /** @param {string} sign @param {string} how @param {boolean} hinted whether the drawing is shown */
  showTarget(sign, how, hinted) {
    html("target-sign").textContent = sign;
    html("dial-sign").textContent = sign;
    html("target-how").textContent = how;
    this.#target.dataset["hint"] = String(hinted);
    element("target-hand", SVGElement).querySelector("use")?.setAttribute("href", `#hand-${sign}`);
    for (const button of document.querySelectorAll(".sign-button")) {
      button.setAttribute("aria-current", String(button.getAttribute("data-sign") === sign));
    }
  }

  /** The drawing turned as the preview shows one's own hand. @param {Hand} hand */
  showHand(hand) {
    for (const drawing of document.querySelectorAll("svg.hand")) drawing.setAttribute("data-mirrored", String(mirrored(hand, "mirror")));
    html("target-view").textContent = viewWords(hand, "mirror");
    for (const input of document.querySelectorAll('input[name="hand"]')) {
      const radio = /** @type {HTMLInputElement} */ (input);
      radio.checked = radio.value === hand;
    }
  }

  /** @param {Feedback["kind"] | "waiting" | "found"} kind @param {string} title @param {string} advice @param {number} progress how far it is held */
  say(kind, title, advice, progress) {
    this.#said.dataset["kind"] = kind;
    this.#target.dataset["kind"] = kind;
    html("said-title").textContent = title;
    html("said-advice").textContent = advice;
    element("progress", SVGElement).style.strokeDashoffset = String(100 - progress * 100);
  }

  /** @param {number} done of the rounds of one sign */
  showRounds(done) {
    [...html("rounds").children].forEach((round, place) => round.toggleAttribute("data-done", place < done));
    html("rounds").setAttribute("aria-label", `${done} of ${html("rounds").childElementCount} found`);
  }

  /** @param {string} words */
  showPitfalls(words) {
    html("pitfalls").textContent = words;
  }

  /** @param {(sign: string) => "new" | "begun" | "known"} stageOf */
  showStages(stageOf) {
    for (const button of document.querySelectorAll(".sign-button")) {
      const sign = button.getAttribute("data-sign") ?? "";
      const stage = stageOf(sign);
      button.setAttribute("data-stage", stage);
      button.setAttribute("aria-label", stage === "new" ? sign : `${sign}, ${stage === "known" ? "known well" : "begun"}`);
    }
  }

  /** @param {string} word @param {readonly Tally[]} tallies of its letters so far */
  showWord(word, tallies) {
    const tiles = [...word].map((letter, place) => {
      const tile = document.createElement("li");
      const tally = tallies[place];
      tile.textContent = letter;
      tile.dataset["state"] = tally ? (tally.skipped ? "skipped" : clean(tally) ? "clean" : "found") : place === tallies.length ? "now" : "to-come";
      if (place === tallies.length) tile.setAttribute("aria-current", "step");
      return tile;
    });
    html("tiles").replaceChildren(...tiles);
    html("tiles").setAttribute("aria-label", `Word: ${word}`);
  }

  /** @param {number} number @param {number} count */
  showWordNumber(number, count) {
    html("word-number").textContent = `Word ${number} of ${count}`;
  }

  /** @param {number} ms */
  showClock(ms) {
    html("clock").textContent = clock(ms / 1000);
  }

  /** @param {string} words */
  showHintSaid(words) {
    const said = html("hint-said");
    if (said.textContent !== words) said.textContent = words;
  }

  /**
   * @param {string} title
   * @param {[string, string][]} figures names and values
   * @param {{sign: string, how: string}[]} work
   */
  showResult(title, figures, work) {
    html("result-title").textContent = title;
    html("result-figures").replaceChildren(
      ...figures.map(([name, value]) => {
        const pair = document.createElement("div");
        pair.append(made("dd", value), made("dt", name));
        return pair;
      }),
    );
    html("work-part").hidden = work.length === 0;
    html("work-none").hidden = work.length > 0;
    html("work").replaceChildren(...work.map(({ sign, how }) => workItem(sign, how)));
  }

  /** @param {string} words */
  showSetupError(words) {
    html("setup-error").textContent = words;
  }
}

/** A sign to go on with: a button, pressed by its `data-sign`. @param {string} sign @param {string} how */
function workItem(sign, how) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "work-sign";
  button.dataset["sign"] = sign;
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "hand");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#hand-${sign}`);
  drawing.append(use);
  button.append(drawing, made("b", sign), made("span", how));
  item.append(button);
  return item;
}
