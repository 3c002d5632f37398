/** Puts the warning of this very browser first; without it all three stand side by side and nothing is lost. */

const agent = navigator.userAgent;
const mine = /Firefox|FxiOS/.test(agent) ? "firefox" : /Chrome|CriOS|Edg/.test(agent) ? "chrome" : "safari";
const list = document.getElementById("browsers");
const first = list?.querySelector(`[data-browser="${mine}"]`);
if (first) list?.prepend(first);
