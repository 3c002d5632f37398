/** Deletes kept lessons, after asking. A button names what it deletes: `data-delete` the call, `data-what` in words. */

import "./when.js";
import { element } from "../element.js";
import { call } from "./api.js";
import { sure } from "./sure.js";

for (const button of document.querySelectorAll("button[data-delete]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.addEventListener("click", async () => {
    const { delete: path = "", what = "" } = button.dataset;
    if (!(await sure(`Delete ${what}?`, "Names, figures and everything else of it are gone for good.", "Delete"))) return;
    const { problem } = await call("DELETE", path);
    element("problem", HTMLElement).textContent = problem;
    if (!problem) location.assign("/teach/lessons");
  });
}
