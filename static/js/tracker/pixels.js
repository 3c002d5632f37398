/**
 * Squares of a picture as numbers: for the models, and as the crop that is read. Pure: pixels go in, pixels come out.
 *
 * The browser's own drawing would do this faster but differently in every browser; landmarks would depend on it.
 *
 * @typedef {import("./geometry.js").Square} Square
 *
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Uint8ClampedArray} data RGBA, as ImageData has it
 */

const DARK_MEAN = 0.5;
const STRONGEST_GAMMA = 0.35;

/**
 * The square's content upright, as the models want it: RGB, 0..1, bilinear.
 *
 * @param {Picture} picture
 * @param {Square} square
 * @param {number} size in pixels a side
 * @param {"repeat" | "black"} edges what lies beyond the picture
 * @returns {Float32Array} size × size × 3
 */
export function sample(picture, square, size, edges = "repeat") {
  const { width, height, data } = picture;
  const step = square.side / size;
  const cos = step * Math.cos(square.rotation);
  const sin = step * Math.sin(square.rotation);
  const middle = (size - 1) / 2;
  const startX = square.x - 0.5 - middle * (cos - sin);
  const startY = square.y - 0.5 - middle * (sin + cos);
  const outside = edges === "black";
  const out = new Float32Array(size * size * 3);
  let at = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = startX + column * cos - row * sin;
      const y = startY + column * sin + row * cos;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = (x - left) / 255;
      const below = y - top;
      let red = 0;
      let green = 0;
      let blue = 0;
      // Four neighbours, each weighted by nearness; beyond the edge they weigh nothing, or are the edge itself.
      for (let corner = 0; corner < 4; corner += 1) {
        let px = left + (corner & 1);
        let py = top + (corner >> 1);
        const weight = (corner & 1 ? right : 1 / 255 - right) * (corner & 2 ? below : 1 - below);
        if (px < 0 || py < 0 || px >= width || py >= height) {
          if (outside) continue;
          px = px < 0 ? 0 : px >= width ? width - 1 : px;
          py = py < 0 ? 0 : py >= height ? height - 1 : py;
        }
        const from = (py * width + px) * 4;
        red += weight * /** @type {number} */ (data[from]);
        green += weight * /** @type {number} */ (data[from + 1]);
        blue += weight * /** @type {number} */ (data[from + 2]);
      }
      out[at] = red;
      out[at + 1] = green;
      out[at + 2] = blue;
      at += 3;
    }
  }
  return out;
}

/**
 * An upright square's content as RGBA, each pixel the mean of all it covers: what goes to the server. Edges are repeated.
 *
 * @param {Picture} picture
 * @param {Square} square
 * @param {number} size in pixels a side
 * @returns {Uint8ClampedArray<ArrayBuffer>} size × size × 4
 */
export function cut(picture, square, size) {
  const fine = Math.max(1, Math.ceil(square.side / size));
  const samples = sample(picture, { ...square, rotation: 0 }, size * fine);
  const out = new Uint8ClampedArray(size * size * 4).fill(255);
  const scale = 255 / (fine * fine);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let dy = 0; dy < fine; dy += 1) {
          for (let dx = 0; dx < fine; dx += 1) {
            sum += /** @type {number} */ (samples[((row * fine + dy) * size * fine + column * fine + dx) * 3 + channel]);
          }
        }
        out[(row * size + column) * 4 + channel] = sum * scale;
      }
    }
  }
  return out;
}

/**
 * A dark picture raised (by a gamma curve) until its mean is medium grey; a light one as it is. Smoothed first: brightening a
 * camera's noise along with the hand hides it again.
 *
 * @param {Picture} picture
 * @returns {Picture}
 */
export function brighten(picture) {
  const { width, height, data } = picture;
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    sum += /** @type {number} */ (data[at]) + /** @type {number} */ (data[at + 1]) + /** @type {number} */ (data[at + 2]);
  }
  const mean = Math.max(sum / (data.length * 0.75) / 255, 1 / 255);
  if (mean >= DARK_MEAN) return picture;
  const gamma = Math.max(Math.log(DARK_MEAN) / Math.log(mean), STRONGEST_GAMMA);
  const curve = Uint8Array.from({ length: 256 }, (_, value) => Math.round(255 * (value / 255) ** gamma));
  const out = new Uint8ClampedArray(data.length);
  for (let y = 0; y < height; y += 1) {
    const rows = [Math.max(y - 1, 0), y, Math.min(y + 1, height - 1)].map((row) => row * width);
    for (let x = 0; x < width; x += 1) {
      const columns = [Math.max(x - 1, 0), x, Math.min(x + 1, width - 1)];
      let red = 0;
      let green = 0;
      let blue = 0;
      for (const row of rows) {
        for (const column of columns) {
          const from = (row + column) * 4;
          red += /** @type {number} */ (data[from]);
          green += /** @type {number} */ (data[from + 1]);
          blue += /** @type {number} */ (data[from + 2]);
        }
      }
      const to = (y * width + x) * 4;
      out[to] = /** @type {number} */ (curve[Math.round(red / 9)]);
      out[to + 1] = /** @type {number} */ (curve[Math.round(green / 9)]);
      out[to + 2] = /** @type {number} */ (curve[Math.round(blue / 9)]);
      out[to + 3] = 255;
    }
  }
  return { width, height, data: out };
}
