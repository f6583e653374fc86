/** Where the reader is: every state of a page lives in the address, so that a page can be sent to somebody else. */

class Address {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
}

export const address = new Address();

function read(): void {
  address.path = location.pathname;
  address.query = new URLSearchParams(location.search);
}

/** Go to an address of the desk. */
export function go(href: string, how: { replace?: boolean } = {}): void {
  history[how.replace ? "replaceState" : "pushState"](null, "", href);
  read();
}

/** The present address with some of its query changed; null takes a word out. */
export function withQuery(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(address.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return address.path + (text ? `?${text}` : "");
}

/** Make links of the desk change the page without loading it anew. Anything else is left to the browser. */
export function followLinks(): void {
  addEventListener("popstate", read);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!link.pathname.startsWith("/desk")) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash, { replace: link.dataset.replace !== undefined });
  });
}
