// Run by tests/test_tracker_twins.py: the browser's arithmetic on hands that Python made up.
import { SteadySquare } from "../static/js/tracker/crop.js";
import { liveLooks, stillLooks } from "../static/js/tracker/follow.js";
import * as geometry from "../static/js/tracker/geometry.js";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { boxes, scores, region, hands, raw, sizes, track } = JSON.parse(Buffer.concat(chunks).toString());

const palms = geometry.decodePalms(Float32Array.from(boxes), Float32Array.from(scores), geometry.palmAnchors(), region, 0.3);
/** @param {import("../static/js/tracker/follow.js").Look} look */
const looked = ({ region: { x, y, side }, brightened, minScore, minPresence, direct = false }) =>
  [x, y, side, Number(brightened), minScore, minPresence, Number(direct)];
const steady = new SteadySquare();
process.stdout.write(
  JSON.stringify({
    anchors: geometry.palmAnchors(),
    palms: palms.map(({ score, box, points }) => [score, ...box, ...points.flat()]),
    palm_squares: palms.map(geometry.squareOfPalm),
    next_squares: hands.map(geometry.squareOfLandmarks),
    hand_squares: hands.map((/** @type {any} */ hand) => geometry.handSquare(hand)),
    picture_squares: sizes.flatMap((/** @type {number[]} */ [width, height]) =>
      hands.map((/** @type {any} */ hand) => geometry.pictureSquare(hand, width, height)),
    ),
    still_looks: stillLooks(640, 480).map(looked),
    live_looks: liveLooks(640, 480).map(looked),
    landmarks: geometry.landmarksInPicture(Float32Array.from(raw), region),
    in_square: geometry.landmarksInSquare(hands[0], region),
    steady: track.map(([x, y, side, time]) => steady.step({ x, y, side, rotation: 0 }, time)),
  }),
);
