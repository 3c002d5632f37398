// Says in words a browser of ten years ago can show what it lacks: no modules, no new syntax here.
(function () {
  var lacks = [];
  if (!("noModule" in document.createElement("script"))) lacks.push("scripts of today’s kind");
  if (!window.WebSocket) lacks.push("WebSocket");
  if (window.isSecureContext && !(navigator.mediaDevices && navigator.mediaDevices.getUserMedia)) lacks.push("access to the camera");
  if (!(window.CSS && CSS.supports && CSS.supports("width", "1cqi"))) lacks.push("the measures of this page");
  if (!lacks.length) return;
  var panel = document.getElementById("old-browser");
  var words = document.getElementById("old-browser-lacks");
  if (!panel || !words) return;
  words.textContent = lacks.join(" and ");
  panel.hidden = false;
  document.documentElement.className += " old";
})();
