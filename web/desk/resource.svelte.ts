/** What a page shows of one address of the server, with the states that every view must have. */
import { get, Refused, type Trouble, Unreachable } from "../client/ask";
import { forget } from "./session.svelte";
import { words } from "./words.svelte";

const SLOW_MS = 300;
const SOON_MS = 500;

interface Options<T> {
  /** Ask again every so many seconds while the page is in sight. */
  every_s?: number;
  /** Keep showing the last answer while another address is asked (a time slider), instead of clearing the page. */
  keep?: boolean;
  /** Ask again soon while this holds of the answer (a computation on its way), whether or not the last asking failed. */
  soon?: (data: T) => boolean;
  /** Ask once while the desk is open: for what does not change (the county itself). */
  remember?: boolean;
}

const remembered = new Map<string, unknown>();

/** Must be made while a component is being set up. `path` null asks nothing. */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  isLoading = $state(false);
  isSlow = $state(false);
  loadedAt = $state.raw<Date | null>(null);
  readonly #path: () => string | null;
  readonly #isRemembered: boolean;
  #asking: AbortController | null = null;

  constructor(path: () => string | null, options: Options<T> = {}) {
    this.#path = path;
    this.#isRemembered = options.remember ?? false;
    let shown: string | null = null;
    $effect(() => {
      const wanted = path();
      void words.language;
      if (wanted !== shown && !options.keep) this.data = null;
      shown = wanted;
      const known = options.remember ? remembered.get(`${words.language} ${wanted}`) : undefined;
      if (known) this.put(known as T);
      else void this.#ask(wanted);
      const every = options.every_s ? setInterval(() => this.#again(), options.every_s * 1000) : undefined;
      return () => {
        clearInterval(every);
        this.#asking?.abort();
      };
    });
    $effect(() => {
      if (this.isLoading || this.data === null || !options.soon?.(this.data)) return;
      const timer = setTimeout(() => void this.reload(), SOON_MS);
      return () => clearTimeout(timer);
    });
  }

  /** Ask again now; what is shown stays until the answer is there. */
  reload = (): Promise<void> => this.#ask(this.#path());

  /** Show an answer that came another way (the reply to a step). */
  put(data: T): void {
    this.#asking?.abort();
    this.data = data;
    this.trouble = null;
    this.isLoading = false;
    this.isSlow = false;
    this.loadedAt = new Date();
  }

  #again(): void {
    if (document.visibilityState === "visible" && !this.isLoading) void this.reload();
  }

  async #ask(path: string | null): Promise<void> {
    this.#asking?.abort();
    if (path === null) return;
    const asking = new AbortController();
    this.#asking = asking;
    this.isLoading = true;
    const slow = setTimeout(() => (this.isSlow = true), SLOW_MS);
    try {
      const data = await get<T>(path, asking.signal);
      if (asking !== this.#asking) return;
      this.data = data;
      this.trouble = null;
      this.loadedAt = new Date();
      if (this.#isRemembered) remembered.set(`${words.language} ${path}`, data);
    } catch (reason) {
      if (asking !== this.#asking || asking.signal.aborted) return;
      if (reason instanceof Refused && reason.status === 401) forget();
      this.trouble = reason instanceof Refused || reason instanceof Unreachable ? reason : new Unreachable(String(reason));
    } finally {
      clearTimeout(slow);
      if (asking === this.#asking) {
        this.isLoading = false;
        this.isSlow = false;
      }
    }
  }
}
