/**
 * What the page remembers on this machine: choices in localStorage, and one tab's place in sessionStorage. Storage may be
 * refused (private windows, strict settings); then nothing is remembered and nothing breaks.
 */

const PREFIX = "handspell.";

/**
 * @param {string} name
 * @returns {unknown} null where nothing readable is stored
 */
export function recall(name) {
  return read(() => localStorage, name);
}

/** @param {string} name @param {unknown} value null forgets it */
export function remember(name, value) {
  write(() => localStorage, name, value);
}

/** @param {string} name @returns {unknown} */
export function recallInTab(name) {
  return read(() => sessionStorage, name);
}

/** @param {string} name @param {unknown} value null forgets it */
export function rememberInTab(name, value) {
  write(() => sessionStorage, name, value);
}

/** @param {() => Storage} storage even naming it can throw @param {string} name @returns {unknown} */
function read(storage, name) {
  try {
    const stored = storage().getItem(PREFIX + name);
    return stored === null ? null : JSON.parse(stored);
  } catch {
    return null;
  }
}

/** @param {() => Storage} storage @param {string} name @param {unknown} value */
function write(storage, name, value) {
  try {
    if (value === null) storage().removeItem(PREFIX + name);
    else storage().setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Nothing to be done, and nothing lost but the memory.
  }
}
