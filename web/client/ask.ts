/** The one door to the server: session cookie, CSRF header, the reader's language, and refusals that say why. */
import type { Refusal } from "./types";

/** The server understood and said no. `text` and `faults` are in the reader's language. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
    readonly faults: Refusal["faults"],
  ) {
    super(text);
  }
}

/** Nobody answered: no network, or the server is away. What was typed is kept by the caller. */
export class Unreachable extends Error {}

/** Something answered that could not do its work: a fault of the server, or a gateway before it. */
export class Broken extends Unreachable {}

export type Trouble = Refused | Unreachable;

let language = "zh-CN";

export function speak(code: "zh" | "en"): void {
  language = code === "zh" ? "zh-CN" : "en";
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal ? { signal } : {});
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  return ask<T>(path, { method: "POST", body: body instanceof FormData ? body : JSON.stringify(body ?? {}) });
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": language });
  if (request.method) {
    headers.set("X-CSRFToken", cookie("csrftoken"));
    if (typeof request.body === "string") headers.set("Content-Type", "application/json");
  }
  let answer: Response;
  try {
    answer = await fetch(path, { ...request, headers, credentials: "same-origin" });
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new Unreachable(String(reason));
  }
  if (answer.ok) return (await answer.json()) as T;
  const refusal = (await answer.json().catch(() => null)) as Partial<Refusal> | null;
  // Without a sentence of its own the answer is not one of ours.
  if (!refusal?.text && answer.status >= 500) throw new Broken(`${answer.status}`);
  throw new Refused(answer.status, refusal?.text ?? `${answer.status} ${answer.statusText}`, refusal?.faults ?? []);
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
