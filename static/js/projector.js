/** The large view for a projector: the text, the guess and the picture fill the screen. What they look like there is CSS's. */

import { element } from "./element.js";

export class Projector {
  #onChange;
  #button = element("large", HTMLButtonElement);
  /** Where the focus was; it goes back there. @type {Element | null} */
  #focused = null;

  /** @param {(open: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.toggle());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.toggle();
    });
    // In full screen the browser takes Escape for itself, and tells only that it is over.
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && this.open) this.#show(false);
    });
  }

  get open() {
    return document.documentElement.dataset["view"] === "large";
  }

  toggle() {
    this.#show(!this.open);
    // Where there is no full screen (a telephone), or it is refused, the page's own room must do.
    if (this.open) document.documentElement.requestFullscreen?.({ navigationUI: "hide" })?.catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen()?.catch(() => {});
  }

  /** @param {boolean} open */
  #show(open) {
    if (open) document.documentElement.dataset["view"] = "large";
    else delete document.documentElement.dataset["view"];
    element("large-label", HTMLElement).textContent = open ? "Leave" : "Large text";
    this.#button.title = open ? "Leave the large text (Esc)" : "Large text, for a projector (P)";
    element("large-icon", SVGUseElement).setAttribute("href", open ? "#i-close" : "#i-large");
    if (open) {
      element("more", HTMLElement).hidePopover?.(); // its button is gone; Safari 16 shows it in the page
      this.#focused = document.activeElement;
      element("text", HTMLElement).focus({ preventScroll: true }); // so that its keys scroll it, and Space is a space
    } else if (this.#focused instanceof HTMLElement) {
      this.#focused.focus({ preventScroll: true });
    }
    this.#onChange(open);
  }
}
