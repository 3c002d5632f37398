/** How a board places its tiles. Pure. */

/** A tile reads best at about this width by its height. */
const TILE_SHAPE = 1.75;

/**
 * The columns and rows that make the tiles largest, by the smaller of what width and height allow.
 *
 * @param {number} count of tiles
 * @param {number} width
 * @param {number} height
 */
export function gridFor(count, width, height) {
  let best = { columns: 1, rows: 1, size: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns / TILE_SHAPE, height / rows);
    if (size > best.size + 1e-9) best = { columns, rows, size };
  }
  return { columns: best.columns, rows: best.rows };
}
