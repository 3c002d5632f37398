/** Several files under way at once, and how much of them has come. */

export class Downloads {
  #onShare;
  /** @type {{received: number, length: number}[]} */
  #files = [];
  #told = 0;

  /** @param {(share: number) => void} onShare told with each further hundredth of all that was begun */
  constructor(onShare) {
    this.#onShare = onShare;
  }

  /**
   * @param {string} url
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   * @throws {Error} where it cannot be had, or breaks off
   */
  async fetch(url) {
    const file = { received: 0, length: 0 };
    this.#files.push(file);
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new Error(`${url} cannot be had: ${response.status}`);
    // What comes is counted as it is unpacked, and Content-Length is what was sent.
    file.length = Number(response.headers.get("X-Unpacked-Length") ?? response.headers.get("Content-Length"));
    const counted = response.body.pipeThrough(
      new TransformStream({
        transform: (/** @type {Uint8Array} */ chunk, stream) => {
          file.received += chunk.byteLength;
          this.#tell();
          stream.enqueue(chunk);
        },
      }),
    );
    return new Uint8Array(await new Response(counted).arrayBuffer());
  }

  #tell() {
    if (this.#files.some(({ length }) => !length)) return; // not all have begun, or a proxy hides how long one is
    const sum = (/** @type {"received" | "length"} */ key) => this.#files.reduce((total, file) => total + file[key], 0);
    const share = Math.min(1, Math.floor((100 * sum("received")) / sum("length")) / 100);
    if (share <= this.#told) return;
    this.#told = share;
    this.#onShare(share);
  }
}
