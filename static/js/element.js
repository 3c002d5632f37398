/**
 * The element of an id, which the template must have.
 *
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}.`);
  return found;
}

/**
 * A new element with words in it.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} text
 * @param {string} [className]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function made(name, text, className = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

/**
 * The first element inside another that a selector names, which the template must have.
 *
 * @param {HTMLElement} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function part(parent, selector) {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`There is no ${selector} in .${parent.className}.`);
  return found;
}

/**
 * Puts children into a parent in this order, and moves none that is in its place: what is moved begins its animations anew.
 *
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
export function place(parent, children) {
  children.forEach((child, at) => {
    const there = parent.children[at] ?? null;
    if (there !== child) parent.insertBefore(child, there);
  });
}
