// Run by tests/test_tracker_twins.py: the browser's arithmetic on hands that Python made up.
import { SteadySquare } from "../static/js/tracker/crop.js";
import * as geometry from "../static/js/tracker/geometry.js";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { boxes, scores, region, hands, raw, track } = JSON.parse(Buffer.concat(chunks).toString());

const palms = geometry.decodePalms(Float32Array.from(boxes), Float32Array.from(scores), geometry.palmAnchors(), region, 0.3);
const steady = new SteadySquare();
process.stdout.write(
  JSON.stringify({
    anchors: geometry.palmAnchors(),
    palms: palms.map(({ score, box, points }) => [score, ...box, ...points.flat()]),
    palm_squares: palms.map(geometry.squareOfPalm),
    next_squares: hands.map(geometry.squareOfLandmarks),
    hand_squares: hands.map((/** @type {any} */ hand) => geometry.handSquare(hand)),
    landmarks: geometry.landmarksInPicture(Float32Array.from(raw), region),
    in_square: geometry.landmarksInSquare(hands[0], region),
    steady: track.map(([x, y, side, time]) => steady.step({ x, y, side, rotation: 0 }, time)),
  }),
);
