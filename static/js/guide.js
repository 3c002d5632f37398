/**
 * The guide box over the preview: where it is, and how mouse, touch and keys move it.
 *
 * The arithmetic at the top is pure and knows neither page nor camera. All of it is in the *unmirrored* picture, which is
 * what is sent; only Guide itself knows that people see themselves mirrored.
 *
 * @typedef {import("./types.d.ts").Box} Box
 * @typedef {import("./types.d.ts").Extent} Extent
 * @typedef {import("./types.d.ts").Hand} Hand
 * @typedef {import("./types.d.ts").PictureSize} PictureSize
 */

/** The server takes crops from 48 px a side; a quarter of a 240-line picture, the smallest camera about, is 60. */
export const SMALLEST_SIZE = 0.25;
const STEP = 0.02;

/**
 * Where a raised hand comfortably is: beside the face, not before it. A right hand is on the left of an unmirrored
 * picture and on the right of a mirror.
 *
 * @param {Hand} hand
 * @returns {Box}
 */
export function defaultBox(hand) {
  return { x: hand === "right" ? 0.3 : 0.7, y: 0.54, size: 0.58 };
}

/**
 * The box moved and shrunk as little as it takes to lie inside the picture.
 *
 * @param {Box} box
 * @param {PictureSize} picture
 * @returns {Box}
 */
export function clampBox(box, picture) {
  const size = clamp(box.size, SMALLEST_SIZE, 1);
  const shorter = Math.min(picture.width, picture.height);
  const halfWidth = (size * shorter) / picture.width / 2;
  const halfHeight = (size * shorter) / picture.height / 2;
  return { x: clamp(box.x, halfWidth, 1 - halfWidth), y: clamp(box.y, halfHeight, 1 - halfHeight), size };
}

/**
 * The box moved by fractions of the picture's shorter side, so that a step looks as long across as it does down.
 *
 * @param {Box} box
 * @param {number} right
 * @param {number} down
 * @param {PictureSize} picture
 * @returns {Box}
 */
export function moveBox(box, right, down, picture) {
  const shorter = Math.min(picture.width, picture.height);
  const moved = { ...box, x: box.x + (right * shorter) / picture.width, y: box.y + (down * shorter) / picture.height };
  return clampBox(moved, picture);
}

/**
 * The square from a fixed corner to the pointer, both in fractions of the picture. It stops at the picture's edge instead
 * of pushing the fixed corner away.
 *
 * @param {{x: number, y: number}} fixed
 * @param {{x: number, y: number}} pointer
 * @param {PictureSize} picture
 * @returns {Box}
 */
export function boxFromCorners(fixed, pointer, picture) {
  const right = pointer.x >= fixed.x ? 1 : -1;
  const down = pointer.y >= fixed.y ? 1 : -1;
  const room = Math.min(
    (right > 0 ? 1 - fixed.x : fixed.x) * picture.width,
    (down > 0 ? 1 - fixed.y : fixed.y) * picture.height,
  );
  const shorter = Math.min(picture.width, picture.height);
  const wanted = Math.max(
    Math.abs(pointer.x - fixed.x) * picture.width,
    Math.abs(pointer.y - fixed.y) * picture.height,
    SMALLEST_SIZE * shorter,
  );
  const side = Math.min(wanted, room);
  const box = {
    x: fixed.x + (right * side) / picture.width / 2,
    y: fixed.y + (down * side) / picture.height / 2,
    size: side / shorter,
  };
  return clampBox(box, picture);
}

/**
 * @param {Box} box
 * @param {PictureSize} picture
 * @returns {Extent}
 */
export function extentOf(box, picture) {
  const side = box.size * Math.min(picture.width, picture.height);
  const width = side / picture.width;
  const height = side / picture.height;
  return { left: box.x - width / 2, top: box.y - height / 2, width, height };
}

/**
 * The box in whole pixels of the unmirrored picture, inside it whatever the rounding does.
 *
 * @param {Box} box
 * @param {PictureSize} picture
 * @returns {{left: number, top: number, side: number}}
 */
export function cropOf(box, picture) {
  const shorter = Math.min(picture.width, picture.height);
  const side = Math.min(Math.round(box.size * shorter), shorter);
  const left = clamp(Math.round(box.x * picture.width - side / 2), 0, picture.width - side);
  const top = clamp(Math.round(box.y * picture.height - side / 2), 0, picture.height - side);
  return { left, top, side };
}

/**
 * Whether something read from storage is a box: another version of the page, or a person, may have written it.
 *
 * @param {unknown} value
 * @returns {value is Box}
 */
export function isBox(value) {
  if (typeof value !== "object" || value === null) return false;
  const { x, y, size } = /** @type {Record<string, unknown>} */ (value);
  return [x, y, size].every((number) => typeof number === "number" && number >= 0 && number <= 1);
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}

/**
 * The box on the page. Its place can be read off the element: `data-box-left`, `data-box-top`, `data-box-width` and
 * `data-box-height` are fractions of the *unmirrored* picture, so a test knows where to hold a hand.
 */
export class Guide {
  /** @type {Box | null} */
  #chosen;
  /** @type {Hand} */
  #hand = "right";
  /** @type {PictureSize} */
  #picture = { width: 4, height: 3 };
  #stage;
  #element;
  #onChange;

  /**
   * @param {HTMLElement} stage what shows the picture, mirrored, from edge to edge
   * @param {HTMLElement} element the box; children with `data-corner="left top"` and so on are its handles, named as seen
   * @param {Box | null} chosen where the person put it last, or null for the default place
   * @param {(chosen: Box | null) => void} onChange called when the person has put it somewhere, or back
   */
  constructor(stage, element, chosen, onChange) {
    this.#stage = stage;
    this.#element = element;
    this.#chosen = chosen;
    this.#onChange = onChange;
    element.addEventListener("pointerdown", (event) => this.#drag(event));
    element.addEventListener("dblclick", () => this.reset());
    element.addEventListener("keydown", (event) => this.#key(event));
    this.#draw();
  }

  /** @returns {Box} */
  get box() {
    return clampBox(this.#chosen ?? defaultBox(this.#hand), this.#picture);
  }

  /** @param {PictureSize} picture */
  fitTo(picture) {
    this.#picture = picture;
    this.#draw();
  }

  /** A box nobody has moved changes sides with the hand. @param {Hand} hand */
  setHand(hand) {
    this.#hand = hand;
    this.#draw();
  }

  reset() {
    this.#put(null);
  }

  /** @param {1 | -1} direction */
  grow(direction) {
    this.#put(clampBox({ ...this.box, size: this.box.size + direction * STEP * 2 }, this.#picture));
  }

  /** Moves by steps as seen in the mirror. @param {number} right @param {number} down */
  nudge(right, down) {
    this.#put(moveBox(this.box, -right * STEP, down * STEP, this.#picture));
  }

  /** @param {Box | null} chosen */
  #put(chosen) {
    this.#chosen = chosen;
    this.#draw();
    this.#onChange(chosen);
  }

  #draw() {
    const extent = extentOf(this.box, this.#picture);
    const { style, dataset } = this.#element;
    style.right = `${extent.left * 100}%`; // mirrored: what is left in the picture is right on the page
    style.top = `${extent.top * 100}%`;
    style.width = `${extent.width * 100}%`;
    style.height = `${extent.height * 100}%`;
    dataset["boxLeft"] = extent.left.toFixed(4);
    dataset["boxTop"] = extent.top.toFixed(4);
    dataset["boxWidth"] = extent.width.toFixed(4);
    dataset["boxHeight"] = extent.height.toFixed(4);
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    if (down.button !== 0) return;
    const area = this.#stage.getBoundingClientRect();
    /** @param {PointerEvent} event the place in the unmirrored picture, as fractions */
    const placeOf = (event) => ({
      x: clamp((area.right - event.clientX) / area.width, 0, 1),
      y: clamp((event.clientY - area.top) / area.height, 0, 1),
    });
    const corner = /** @type {HTMLElement} */ (down.target).dataset["corner"];
    const start = placeOf(down);
    const box = this.box;
    const extent = extentOf(box, this.#picture);
    const fixed = {
      x: corner?.includes("left") ? extent.left : extent.left + extent.width,
      y: corner?.includes("top") ? extent.top + extent.height : extent.top,
    };

    let moved = false;
    /** @param {PointerEvent} event */
    const move = (event) => {
      moved ||= Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= 3;
      if (!moved) return; // a click that trembled is no choice
      const place = placeOf(event);
      this.#put(
        corner
          ? boxFromCorners(fixed, place, this.#picture)
          : clampBox({ ...box, x: box.x + place.x - start.x, y: box.y + place.y - start.y }, this.#picture),
      );
    };
    const done = () => {
      this.#element.removeEventListener("pointermove", move);
      this.#element.removeEventListener("pointerup", done);
      this.#element.removeEventListener("pointercancel", done);
    };
    this.#element.setPointerCapture(down.pointerId);
    this.#element.addEventListener("pointermove", move);
    this.#element.addEventListener("pointerup", done);
    this.#element.addEventListener("pointercancel", done);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 5 : 1;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => this.nudge(-far, 0),
      ArrowRight: () => this.nudge(far, 0),
      ArrowUp: () => this.nudge(0, -far),
      ArrowDown: () => this.nudge(0, far),
      "+": () => this.grow(1),
      "=": () => this.grow(1), // the same key as + without Shift
      "-": () => this.grow(-1),
      _: () => this.grow(-1),
      Home: () => this.reset(),
    };
    const action = actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
  }
}
