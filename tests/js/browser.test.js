import assert from "node:assert/strict";
import { test } from "node:test";
import { browserOf } from "../../static/js/browser.js";

const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${WEBKIT}`;
const MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/17.5 Safari/605.1.15`;

/** @type {[string, number, string, string][]} */
const KNOWN = [
  ["Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", 0, "chrome", "laptop"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", 10, "chrome", "laptop"],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36", 5, "chrome", "phone"],
  ["Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", 5, "firefox", "phone"],
  ["Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0", 0, "firefox", "laptop"],
  [MAC, 0, "safari", "laptop"],
  [MAC, 5, "safari", "ios"], // an iPad
  [`${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`, 5, "safari", "ios"],
  [`${IPHONE} CriOS/130.0 Mobile/15E148 Safari/604.1`, 5, "chrome", "ios"],
  [`${IPHONE} FxiOS/131.0 Mobile/15E148 Safari/605.1.15`, 5, "firefox", "ios"],
];

test("a browser is known by what a person must press in it", () => {
  for (const [agent, touchPoints, brand, device] of KNOWN) assert.deepEqual(browserOf(agent, touchPoints), { brand, device }, agent);
});
