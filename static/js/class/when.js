/** Moments, written by the clock and calendar of whoever reads the page; the server knows only its own. */

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMATS = {
  day: { day: "numeric", month: "short" },
  date: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  moment: { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
};

for (const time of document.querySelectorAll("time[data-format]")) {
  if (!(time instanceof HTMLTimeElement)) continue;
  const format = FORMATS[time.dataset["format"] ?? ""];
  time.textContent = new Date(time.dateTime).toLocaleString("en-GB", format);
}
