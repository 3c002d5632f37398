// Puts the chosen colours on the page before it is painted; colours.js lets people choose. Stored as memory.js stores.
try {
  const chosen = JSON.parse(localStorage.getItem("handspell.theme") ?? "null");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
} catch {
  // No storage, or something else in it: the system's colours.
}
