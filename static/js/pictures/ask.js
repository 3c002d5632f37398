/**
 * Asking the server what a picture shows (`POST /api/predict`).
 *
 * @typedef {import("../types.d.ts").PictureAnswer} PictureAnswer
 * @typedef {import("../types.d.ts").PictureReply} PictureReply
 */

const ADDRESS = "/api/predict";
const MOST_TRIES = 10;
const RETRY_SECONDS = 2;

/** The server has no answer; the message is for people. */
export class AskError extends Error {
  name = "AskError";
}

/**
 * @param {Blob} picture
 * @param {Record<string, string>} fields
 * @param {(seconds: number) => void} onBusy told when the server is busy, and how long until it is asked again
 * @returns {Promise<PictureReply>}
 * @throws {AskError}
 */
export async function ask(picture, fields, onBusy) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("picture", picture, "picture"); // its own name stays here
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(ADDRESS, { method: "POST", body: form }).catch(() => null);
    if (!response) throw new AskError("The server cannot be reached. Try again once it is back.");
    const reply = await response.json().catch(() => null);
    if (response.ok && reply) return reply;
    if (reply?.error?.code !== "busy" || tries === MOST_TRIES) {
      throw new AskError(reply?.error?.message?.replace(/^picture: /, "") ?? `The server gave no answer (${response.status}).`);
    }
    const seconds = Number(response.headers.get("Retry-After")) || RETRY_SECONDS;
    onBusy(seconds);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
