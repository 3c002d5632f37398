/** The report's button for paper. */

import { element } from "../element.js";

if (document.getElementById("print")) element("print", HTMLButtonElement).addEventListener("click", () => print());
