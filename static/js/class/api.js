/**
 * The calls of a class that are plain HTTP.
 *
 * @typedef {import("../types.d.ts").WireError} WireError
 */

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [message]
 * @returns {Promise<{reply: any, problem: string}>} `problem` is empty where it was done, else a sentence that says what to do
 */
export async function call(method, path, message) {
  let response;
  try {
    response = await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(message ?? {}) });
  } catch {
    return { reply: null, problem: "The server cannot be reached. Is the teacher’s machine on, and are you on its network? Then try again." };
  }
  const reply = await response.json().catch(() => null);
  if (response.ok) return { reply, problem: "" };
  const { error } = /** @type {{error?: WireError}} */ (reply ?? {});
  return { reply, problem: error?.message ?? "The server made a mistake. It has been logged; try again." };
}
