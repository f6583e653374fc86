/** Colours for canvases, read from the one token file as the page has it now (light or dark). */

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Call back when the reader's light or dark preference changes; returns how to stop. */
export function onScheme(changed: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export const isMotionReduced = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
