/** The teacher's way to a demo class, on every page that has it. */

import { element } from "../element.js";
import { call } from "./api.js";

const form = document.getElementById("demo-form");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pupils = element("demo-pupils", HTMLInputElement).valueAsNumber;
  const { reply, problem } = await call("POST", "/api/class/demo", { pupils });
  element("demo-problem", HTMLElement).textContent = problem;
  if (!problem) location.assign(`/teach/${reply.code}`);
});
