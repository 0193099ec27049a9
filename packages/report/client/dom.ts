// Small helpers over the page's elements.

export function all<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] {
  return [...root.querySelectorAll<E>(selector)];
}

/** The element that the written page is known to have. */
export function one<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector} in the page`);
  return found;
}

/** Data that was embedded as JSON; undefined when the page has none. */
export function embedded<T>(id: string): T | undefined {
  const element = document.getElementById(id);
  return element ? (JSON.parse(element.textContent ?? '') as T) : undefined;
}

/** Calls `draw` now and whenever the element's width changes. */
export function onWidth(element: Element, draw: (width: number) => void): void {
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width === 0 || width === last) return;
    last = width;
    draw(width);
  }).observe(element);
}
