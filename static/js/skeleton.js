/**
 * The hand that was found, drawn over the preview: its bones, its joints and the square that is sent.
 *
 * @typedef {import("./types.d.ts").PictureSize} PictureSize
 * @typedef {import("./tracker/messages.d.ts").Found} Found
 */

/** MediaPipe's 21 landmarks, joined: the palm, then thumb to little finger. */
const BONES = [
  [0, 1, 5, 9, 13, 17, 0],
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
  [13, 14, 15, 16],
  [17, 18, 19, 20],
];

/**
 * Lines along the bones, as an SVG path in fractions of the picture.
 *
 * @param {Found["landmarks"]} landmarks
 */
export function bonesPath(landmarks) {
  return BONES.map((bone) => `M${bone.map((joint) => place(landmarks[joint])).join("L")}`).join("");
}

/** Lines of no length, which round caps make dots. @param {Found["landmarks"]} landmarks */
export function jointsPath(landmarks) {
  return landmarks.map((joint) => `M${place(joint)}h0`).join("");
}

/**
 * The square of a crop, as an SVG path in fractions of the picture.
 *
 * @param {Found["crop"]} crop in pixels of the picture
 * @param {PictureSize} picture
 */
export function squarePath({ left, top, side }, { width, height }) {
  const across = fraction(side / width);
  return `M${place([left / width, top / height])}h${across}v${fraction(side / height)}h${-across}z`;
}

/**
 * A crop's centre and side in units of the picture's height, as `frame` carries it.
 *
 * @param {Found["crop"]} crop in pixels of the picture
 * @param {PictureSize} picture
 * @returns {[number, number, number]}
 */
export function cropInHeights({ left, top, side }, { height }) {
  return [(left + side / 2) / height, (top + side / 2) / height, side / height];
}

/** The drawing on the page: three paths in fractions of the unmirrored picture, which CSS mirrors like the video. */
export class Skeleton {
  #bones;
  #joints;
  #square;

  /** @param {SVGElement} drawing with the paths `#bones`, `#joints` and `#square` */
  constructor(drawing) {
    const path = (/** @type {string} */ id) => /** @type {SVGPathElement} */ (drawing.querySelector(`#${id}`));
    this.#bones = path("bones");
    this.#joints = path("joints");
    this.#square = path("square");
  }

  /** @param {Found} found @param {PictureSize} picture */
  draw({ landmarks, crop }, picture) {
    this.#bones.setAttribute("d", bonesPath(landmarks));
    this.#joints.setAttribute("d", jointsPath(landmarks));
    this.#square.setAttribute("d", squarePath(crop, picture));
  }

  clear() {
    for (const path of [this.#bones, this.#joints, this.#square]) path.removeAttribute("d");
  }
}

/** @param {number[] | undefined} point */
function place([x = 0, y = 0] = []) {
  return `${fraction(x)} ${fraction(y)}`;
}

/** @param {number} value */
function fraction(value) {
  return Number(value.toFixed(4));
}
