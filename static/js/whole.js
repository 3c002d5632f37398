// Says so where a part of the page does not come: without one module none of them runs, and no button would do anything.
// Not a module itself, and loaded before them.
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
