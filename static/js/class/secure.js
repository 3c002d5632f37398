/**
 * Puts the warning of this very browser first, and goes straight on where the browser has accepted the certificate before.
 * Without this script all three stand side by side, and nothing is lost.
 */

import { browserOf } from "../browser.js";

const mine = browserOf(navigator.userAgent, navigator.maxTouchPoints).brand;
const list = document.getElementById("browsers");
const first = list?.querySelector(`[data-browser="${mine}"]`);
if (first) list?.prepend(first);

const link = document.getElementById("go-on");
if (link instanceof HTMLAnchorElement && location.protocol === "http:") {
  fetch(new URL("/healthz", link.href), { mode: "no-cors", cache: "no-store" }).then(
    () => location.replace(link.href),
    () => {}, // not accepted yet, which is what this page is for
  );
}
