/**
 * The annotated preview, drawn as one picture for a recording: the camera's picture as the person sees it, mirrored, with the
 * skeleton or the guide box; below it, so that nothing hides the hand, the guess in its ring and the last two lines of text.
 * Colours are the board's in both schemes.
 */

import { captionLines } from "./captions.js";
import { boxShown, guessShown, skeletonShown, squareShown } from "./preview.js";

const CHALK = "#f6f8f3";
const CHALK_SOFT = "#b9cfc8";
const ACCENT = "#ffc636";
const ON_ACCENT = "#1d1a0f";
const BOARD = "#17403a";
const BOARD_DEEP = "#0f302b";
const LINE = "#4c7a71";
const UNDER = "rgb(8 24 21 / 70%)";
const SHADE = "rgb(8 24 21 / 45%)";

/** The strip below the picture, as a share of the picture's height. */
const STRIP = 0.25;
/** Larger camera pictures are made smaller: a film of a hand needs no more. */
const WIDEST_PX = 1280;
const TURN = 2 * Math.PI;

export class Composite {
  canvas = document.createElement("canvas");
  #context;
  #video;
  #family = getComputedStyle(document.documentElement).fontFamily;

  /** @param {HTMLVideoElement} video whose picture's size decides the recording's */
  constructor(video) {
    this.#video = video;
    // Encoders want even sides.
    const width = even(Math.min(video.videoWidth, WIDEST_PX));
    const height = even((width * video.videoHeight) / video.videoWidth);
    this.canvas.width = width;
    this.canvas.height = height + even(height * STRIP);
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("This browser gives no canvas to draw on.");
    this.#context = context;
  }

  /** Draws what the page shows now. @param {string} text */
  paint(text) {
    const { width, height } = this.canvas;
    const pictureHeight = Math.round(height / (1 + STRIP));
    const context = this.#context;
    context.fillStyle = BOARD;
    context.fillRect(0, 0, width, height);
    if (this.#video.videoWidth) this.#paintPicture(width, pictureHeight);
    const strip = height - pictureHeight;
    this.#paintGuess(strip / 2, pictureHeight + strip / 2, strip * 0.4);
    this.#paintText(text, strip * 1.1, pictureHeight, width - strip * 1.25, strip);
  }

  /** @param {number} room the width there is @param {number} height */
  #paintPicture(room, height) {
    const context = this.#context;
    const shape = this.#video.videoWidth / this.#video.videoHeight; // another camera's picture may have another
    const width = Math.min(room, height * shape);
    const tall = width / shape;
    context.save();
    context.translate((room + width) / 2, (height - tall) / 2);
    context.scale(-1, 1);
    context.drawImage(this.#video, 0, 0, width, tall);
    context.beginPath();
    context.rect(0, 0, width, tall);
    context.clip();
    const box = boxShown();
    if (box) this.#paintBox(scaled(box, width, tall), width, tall);
    else this.#paintSkeleton(width, tall);
    context.restore();
  }

  /** @param {import("./types.d.ts").Extent} box in pixels @param {number} width @param {number} height */
  #paintBox(box, width, height) {
    const context = this.#context;
    const frame = new Path2D();
    frame.roundRect(box.left, box.top, box.width, box.height, height * 0.03);
    const around = new Path2D(frame);
    around.rect(0, 0, width, height);
    context.fillStyle = SHADE;
    context.fill(around, "evenodd");
    this.#stroke(frame, ACCENT, height * 0.008);
  }

  /** @param {number} width @param {number} height */
  #paintSkeleton(width, height) {
    const context = this.#context;
    const { bones, joints } = skeletonShown();
    const square = squareShown();
    const thin = height * 0.006;
    if (square) {
      const { left, top, width: across, height: down } = scaled(square, width, height);
      const frame = new Path2D();
      frame.rect(left, top, across, down);
      this.#stroke(frame, ACCENT, thin);
    }
    const path = new Path2D();
    path.addPath(new Path2D(bones), new DOMMatrix().scale(width, height));
    this.#stroke(path, CHALK, thin);
    for (const [colour, radius] of /** @type {[string, number][]} */ ([[UNDER, thin * 2], [ACCENT, thin * 1.4]])) {
      context.fillStyle = colour;
      for (const { x, y } of joints) {
        context.beginPath();
        context.arc(x * width, y * height, radius, 0, TURN);
        context.fill();
      }
    }
  }

  /** Twice, so that it shows on light and on dark. @param {Path2D} path @param {string} colour @param {number} thickness */
  #stroke(path, colour, thickness) {
    const context = this.#context;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const [style, wide] of /** @type {[string, number][]} */ ([[UNDER, thickness * 2], [colour, thickness]])) {
      context.strokeStyle = style;
      context.lineWidth = wide;
      context.stroke(path);
    }
  }

  /** @param {number} x @param {number} y @param {number} radius */
  #paintGuess(x, y, radius) {
    const context = this.#context;
    const { state, sign, progress } = guessShown();
    const spent = state === "spent";
    context.beginPath();
    context.arc(x, y, radius, 0, TURN);
    context.fillStyle = spent ? ACCENT : BOARD_DEEP;
    context.fill();
    context.lineWidth = radius * 0.14;
    context.lineCap = "butt";
    context.strokeStyle = spent ? ACCENT : LINE;
    context.stroke();
    if (state === "held" && progress > 0) {
      context.beginPath();
      context.arc(x, y, radius, -TURN / 4, TURN * (progress - 1 / 4));
      context.strokeStyle = ACCENT;
      context.stroke();
    }
    const size = radius * (sign.length > 1 ? 0.46 : 1.3);
    context.font = `800 ${size}px ${this.#family}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillStyle = spent ? ON_ACCENT : state === "unsure" ? CHALK_SOFT : CHALK;
    context.fillText(sign, x, y + size * 0.36); // half a capital's height below the middle
  }

  /** @param {string} text @param {number} left @param {number} top @param {number} width @param {number} height */
  #paintText(text, left, top, width, height) {
    const context = this.#context;
    const size = height * 0.32;
    context.font = `700 ${size}px ${this.#family}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = CHALK;
    const lines = captionLines(text, (line) => context.measureText(line).width <= width);
    lines.forEach((line, at) => {
      const middle = top + (height * (at + 1)) / (lines.length + 1);
      context.fillText(line, left, middle + size * (0.36 + (lines.length > 1 ? at - 0.5 : 0) * 0.2));
    });
  }
}

/** @param {number} length @returns {number} */
function even(length) {
  return 2 * Math.round(length / 2);
}

/** @param {import("./types.d.ts").Extent} extent in fractions @param {number} width @param {number} height */
function scaled(extent, width, height) {
  return { left: extent.left * width, top: extent.top * height, width: extent.width * width, height: extent.height * height };
}
