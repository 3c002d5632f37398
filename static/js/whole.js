// What a page does before its modules have come. Not a module itself, and loaded before them.

// Without one module none of them runs, and no button would do anything: the page says so.
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const tell = () => {
      const said = document.getElementById("incomplete");
      if (said) said.hidden = false;
    };
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", tell);
    else tell();
  },
  true, // such an error does not rise
);

// A form that is sent before anybody listens would load the page anew and lose what was written: it is sent when somebody does.
{
  /** @type {HTMLFormElement | null} */
  let early = null;
  /** @param {Event} event */
  const hold = (event) => {
    if (event.defaultPrevented) return; // somebody listens
    event.preventDefault();
    early = /** @type {HTMLFormElement} */ (event.target);
  };
  addEventListener("submit", hold);
  addEventListener("DOMContentLoaded", () => {
    removeEventListener("submit", hold);
    if (document.getElementById("incomplete")?.hidden) early?.requestSubmit();
  });
}
