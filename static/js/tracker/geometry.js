/**
 * Where a hand is: the arithmetic between MediaPipe's hand models, and the square that is cut out for reading.
 *
 * Pure: no model, no picture and no clock. The steps and their numbers are those of MediaPipe's published graphs
 * (palm_detection_cpu, palm_detection_detection_to_roi, hand_landmark_landmarks_to_roi; Apache-2.0). webapp/core/hands.py is the
 * same in the server's language and says more; a test holds the two to each other on the same pictures.
 *
 * Everything is in pixels of one picture, x to the right, y down; angles are radians, clockwise as one looks at it.
 *
 * @typedef {[number, number]} Point
 * @typedef {[number, number, number]} Landmark x and y in pixels of the picture, z in the scale of x
 *
 * @typedef {object} Square a square in a picture, perhaps turned; it may reach beyond the edges
 * @property {number} x its centre
 * @property {number} y
 * @property {number} side
 * @property {number} rotation
 *
 * @typedef {object} Palm
 * @property {number} score
 * @property {[number, number, number, number]} box left, top, right, bottom
 * @property {Point[]} points wrist, base of index, middle, ring and little finger, and the thumb's two joints
 *
 * @typedef {object} Hand
 * @property {Landmark[]} landmarks 21 of them
 * @property {number} presence how surely this is a hand, 0..1
 * @property {number} leftScore the model's score for its word "Left"; it thinks of a mirror, so in an unmirrored picture a right hand
 */

export const PALM_INPUT_PX = 192;
export const LANDMARK_INPUT_PX = 224;
export const MIN_PALM_SCORE = 0.5;
export const MIN_PRESENCE = 0.5;
/** Side of the square that is read, in larger sides of the landmarks' box: training's crops are made so. */
export const CROP_MARGIN = 1.5;
/** A square picture that its hand fills so far is cut to it already, and is read whole. */
const LOOSEST_CROP = 0.6;
const SQUARE_TOLERANCE_PX = 2;

const LANDMARKS = 21;
const [WRIST, INDEX_BASE, MIDDLE_BASE, RING_BASE] = /** @type {const} */ ([0, 5, 9, 13]);
const STRIDES_AND_ANCHORS = /** @type {const} */ ([[8, 2], [16, 6]]);
const NMS_IOU = 0.3;
const SCORE_CLIP = 100;
const PALM_POINTS = 7;
const PALM_NUMBERS = 4 + 2 * PALM_POINTS;
/** The bones of the palm and the first finger joints: fingertips move too fast to say where the hand will be. */
const STEADY_LANDMARKS = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];
const DEPTH_SCALE = 0.4;
const LARGEST_CROP = 2; // in longer sides of the picture

/* Palms */

/**
 * Centres of the detector's anchors as fractions of its input, in its order.
 *
 * @returns {Point[]} 2,016 of them
 */
export function palmAnchors() {
  /** @type {Point[]} */
  const anchors = [];
  for (const [stride, count] of STRIDES_AND_ANCHORS) {
    const cells = PALM_INPUT_PX / stride;
    for (let row = 0; row < cells; row += 1) {
      for (let column = 0; column < cells; column += 1) {
        for (let copy = 0; copy < count; copy += 1) anchors.push([(column + 0.5) / cells, (row + 0.5) / cells]);
      }
    }
  }
  return anchors;
}

/**
 * The detector's outputs as palms, best first, overlapping ones merged.
 *
 * @param {Float32Array} rawBoxes 2,016 × 18, as the model gives them for the upright square `region`
 * @param {Float32Array} rawScores 2,016
 * @param {Point[]} anchors
 * @param {Square} region
 * @param {number} minScore
 * @returns {Palm[]}
 */
export function decodePalms(rawBoxes, rawScores, anchors, region, minScore = MIN_PALM_SCORE) {
  /** @type {Palm[]} */
  const palms = [];
  const left = region.x - region.side / 2;
  const top = region.y - region.side / 2;
  anchors.forEach(([anchorX, anchorY], at) => {
    const score = 1 / (1 + Math.exp(-clamp(rawScores[at] ?? -SCORE_CLIP, -SCORE_CLIP, SCORE_CLIP)));
    if (score < minScore) return;
    /** @param {number} index one of the row's 18 numbers */
    const number = (index) => (rawBoxes[at * PALM_NUMBERS + index] ?? 0) / PALM_INPUT_PX;
    const x = left + (number(0) + anchorX) * region.side;
    const y = top + (number(1) + anchorY) * region.side;
    const halfWidth = (number(2) / 2) * region.side;
    const halfHeight = (number(3) / 2) * region.side;
    /** @type {Point[]} */
    const points = [];
    for (let point = 0; point < PALM_POINTS; point += 1) {
      points.push([
        left + (number(4 + 2 * point) + anchorX) * region.side,
        top + (number(5 + 2 * point) + anchorY) * region.side,
      ]);
    }
    palms.push({ score, box: [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], points });
  });
  return mergePalms(palms);
}

/**
 * Weighted non-maximum suppression: each group that overlaps its best one becomes its mean, weighted by score.
 *
 * @param {Palm[]} palms
 * @returns {Palm[]}
 */
export function mergePalms(palms) {
  let waiting = [...palms].sort((a, b) => b.score - a.score);
  /** @type {Palm[]} */
  const merged = [];
  while (waiting[0]) {
    const best = waiting[0];
    const group = new Set(waiting.filter((palm) => palm === best || overlap(best.box, palm.box) > NMS_IOU));
    const total = [...group].reduce((sum, { score }) => sum + score, 0);
    /** @param {(palm: Palm) => number} value */
    const mean = (value) => [...group].reduce((sum, palm) => sum + (palm.score / total) * value(palm), 0);
    merged.push({
      score: best.score,
      box: [mean(({ box }) => box[0]), mean(({ box }) => box[1]), mean(({ box }) => box[2]), mean(({ box }) => box[3])],
      points: best.points.map((_, at) => [mean(({ points }) => points[at]?.[0] ?? 0), mean(({ points }) => points[at]?.[1] ?? 0)]),
    });
    waiting = waiting.filter((palm) => !group.has(palm));
  }
  return merged;
}

/** Intersection over union. @param {Palm["box"]} a @param {Palm["box"]} b */
function overlap(a, b) {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

/* Squares */

/**
 * Where the whole hand must be: turned until the palm's middle line points up, moved towards the fingers.
 *
 * @param {Palm} palm
 * @returns {Square}
 */
export function squareOfPalm({ box, points }) {
  const [wrist, , middleBase] = points;
  if (!wrist || !middleBase) throw new RangeError("A palm has seven points.");
  const rotation = upright(middleBase[0] - wrist[0], middleBase[1] - wrist[1]);
  const [left, top, right, bottom] = box;
  return grown([(left + right) / 2, (top + bottom) / 2], right - left, bottom - top, rotation, 2.6, -0.5);
}

/**
 * Where the hand will be in the next frame, from where its landmarks are in this one.
 *
 * @param {Landmark[]} landmarks
 * @returns {Square}
 */
export function squareOfLandmarks(landmarks) {
  /** @param {number} at @returns {Landmark} */
  const point = (at) => {
    const found = landmarks[at];
    if (!found) throw new RangeError(`A hand has ${LANDMARKS} landmarks.`);
    return found;
  };
  const [wrist, index, middle, ring] = [point(WRIST), point(INDEX_BASE), point(MIDDLE_BASE), point(RING_BASE)];
  const fingersX = ((index[0] + ring[0]) / 2 + middle[0]) / 2;
  const fingersY = ((index[1] + ring[1]) / 2 + middle[1]) / 2;
  const rotation = upright(fingersX - wrist[0], fingersY - wrist[1]);
  const steady = STEADY_LANDMARKS.map(point);
  const upside = extent(steady);
  const turned = extent(steady.map(([x, y]) => turn([x - upside.x, y - upside.y], -rotation)));
  const [offsetX, offsetY] = turn([turned.x, turned.y], rotation);
  return grown([upside.x + offsetX, upside.y + offsetY], turned.width, turned.height, rotation, 2, -0.1);
}

/**
 * The upright square round a hand's landmarks that is cut out for reading.
 *
 * @param {Landmark[]} landmarks
 * @param {number} margin
 * @returns {Square}
 */
export function handSquare(landmarks, margin = CROP_MARGIN) {
  const { x, y, width, height } = extent(landmarks);
  return { x, y, side: margin * Math.max(width, height), rotation: 0 };
}

/**
 * The square of a single picture that is read: the hand's, or the whole of a picture that is cut to its hand already.
 *
 * @param {[number, number, number][]} landmarks
 * @param {number} width
 * @param {number} height
 * @returns {Square}
 */
export function pictureSquare(landmarks, width, height) {
  const square = handSquare(landmarks);
  const side = Math.min(width, height);
  const cropped = Math.abs(width - height) <= SQUARE_TOLERANCE_PX && square.side >= LOOSEST_CROP * side;
  return cropped ? { x: width / 2, y: height / 2, side, rotation: 0 } : square;
}

/**
 * The square with its centre in the picture and not absurdly large. It may reach over the edge, where the picture's last pixels
 * are repeated: training's crops were made so, and moving it instead would move the hand out of the middle.
 *
 * @param {Square} square
 * @param {number} width
 * @param {number} height
 * @returns {Square}
 */
export function clampSquare(square, width, height) {
  return {
    ...square,
    x: clamp(square.x, 0, width),
    y: clamp(square.y, 0, height),
    side: clamp(square.side, 2, LARGEST_CROP * Math.max(width, height)),
  };
}

/** The angle by which to turn so that a direction points up. @param {number} x @param {number} y */
function upright(x, y) {
  const angle = Math.PI / 2 - Math.atan2(-y, x);
  return angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
}

/** @param {Point} point @param {number} angle @returns {Point} */
function turn([x, y], angle) {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [cos * x - sin * y, sin * x + cos * y];
}

/** The middle and the size of the points' box. @param {(Point | Landmark)[]} points */
function extent(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}

/**
 * A square `scale` times a box's larger side, moved by `shift` of its height along its own upright.
 *
 * @param {Point} centre
 * @param {number} width
 * @param {number} height
 * @param {number} rotation
 * @param {number} scale
 * @param {number} shift
 * @returns {Square}
 */
function grown([x, y], width, height, rotation, scale, shift) {
  const [dx, dy] = turn([0, shift * height], rotation);
  return { x: x + dx, y: y + dy, side: scale * Math.max(width, height), rotation };
}

/* Landmarks */

/**
 * The landmark model's output, which lies in its turned square, as places in the picture.
 *
 * @param {Float32Array} raw 63 numbers, in pixels of the model's input
 * @param {Square} square
 * @returns {Landmark[]}
 */
export function landmarksInPicture(raw, square) {
  /** @type {Landmark[]} */
  const landmarks = [];
  for (let at = 0; at < LANDMARKS * 3; at += 3) {
    /** @param {number} index */
    const fraction = (index) => (raw[at + index] ?? 0) / LANDMARK_INPUT_PX;
    const [dx, dy] = turn([(fraction(0) - 0.5) * square.side, (fraction(1) - 0.5) * square.side], square.rotation);
    landmarks.push([square.x + dx, square.y + dy, (fraction(2) / DEPTH_SCALE) * square.side]);
  }
  return landmarks;
}

/**
 * Landmarks as fractions of an upright square: what goes with a crop to the reader.
 *
 * @param {Landmark[]} landmarks
 * @param {Square} square
 * @returns {number[]} 63 numbers
 */
export function landmarksInSquare(landmarks, square) {
  const left = square.x - square.side / 2;
  const top = square.y - square.side / 2;
  return landmarks.flatMap(([x, y, z]) => [(x - left) / square.side, (y - top) / square.side, z / square.side]);
}

/**
 * Of several hands the one that was being followed (where it was last seen), else the largest.
 *
 * @param {Hand[]} hands
 * @param {Square | null} followed
 * @returns {Hand | null}
 */
export function chooseHand(hands, followed = null) {
  /** @param {Hand} hand the smaller, the likelier */
  const rank = ({ landmarks }) => {
    const square = handSquare(landmarks);
    return followed ? Math.hypot(square.x - followed.x, square.y - followed.y) : -square.side;
  };
  return hands.reduce((/** @type {Hand | null} */ best, hand) => (best && rank(best) <= rank(hand) ? best : hand), null);
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
