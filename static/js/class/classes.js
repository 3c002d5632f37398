/** The teacher's way to a new class. */

import { element } from "../element.js";
import { call } from "./api.js";

element("open-class", HTMLButtonElement).addEventListener("click", async () => {
  const { reply, problem } = await call("POST", "/api/class");
  element("problem", HTMLElement).textContent = problem;
  if (!problem) location.assign(`/teach/${reply.code}`);
});
