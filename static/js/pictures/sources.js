/**
 * Where pictures come from: the file chooser, a drop anywhere on the page, and the clipboard. What becomes of them is decided
 * elsewhere.
 */

/**
 * @param {HTMLInputElement} chooser
 * @param {HTMLElement} place marked `data-over` while something is dragged over the page
 * @param {(files: File[]) => void} onFiles perhaps none: what was dropped or pasted is no file
 */
export function listen(chooser, place, onFiles) {
  chooser.addEventListener("change", () => {
    onFiles([...(chooser.files ?? [])]);
    chooser.value = ""; // the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    event.preventDefault();
    onFiles([...(event.clipboardData?.files ?? [])]);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // else the browser would open the file, and this page would be gone
    place.dataset["over"] = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete place.dataset["over"];
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    delete place.dataset["over"];
    onFiles([...(event.dataTransfer?.files ?? [])]);
  });
}

/** The camera's newest picture, unmirrored. @param {HTMLVideoElement} video @returns {Promise<Blob>} */
export async function frameOf(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser could not make a JPEG."))), "image/jpeg", 0.92);
  });
}
