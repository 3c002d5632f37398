/** The report's button for paper, and the days of its lessons. */

import "./when.js";
import { element } from "../element.js";

if (document.getElementById("print")) element("print", HTMLButtonElement).addEventListener("click", () => print());
