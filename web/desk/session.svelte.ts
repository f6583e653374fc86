/** Who is asking, and the words that every page needs. */
import { get, post } from "../client/ask";
import type { ClassWords, Session, WaterClass } from "../client/types";
import { useZone } from "./time";
import { type Language, useLanguage, words } from "./words.svelte";

class Present {
  session = $state.raw<Session | null>(null);
}

export const present = new Present();

/** The language to speak before the server has said which: the last one used here, else the browser's, else Chinese. */
export function firstLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language && !navigator.language.toLowerCase().startsWith("zh") ? "en" : "zh";
}

async function enter(session: Session): Promise<void> {
  useZone(session.timezone);
  localStorage.setItem("language", session.language);
  if (session.language !== words.language || !words.table) await useLanguage(session.language);
  present.session = session;
}

export async function begin(): Promise<void> {
  await enter(await get<Session>("/api/session"));
}

export async function login(username: string, password: string): Promise<void> {
  await enter(await post<Session>("/api/session/login", { username, password }));
}

export async function becomeDemoRole(username: string): Promise<void> {
  await enter(await post<Session>("/api/session/demo", { username }));
}

export async function logout(): Promise<void> {
  await enter(await post<Session>("/api/session/logout"));
}

export async function speakLanguage(language: Language): Promise<void> {
  await useLanguage(language);
  await enter(await post<Session>("/api/session/language", { language }));
}

/** The session has ended on the server: show the login page, keep what was typed. */
export function forget(): void {
  if (present.session) present.session = { ...present.session, account: null };
}

/** How a class is written: numeral and name as the server words them. */
export function classWords(code: WaterClass | null): ClassWords {
  const known = present.session?.classes.find((words) => words.water_class === code);
  return known ?? { water_class: code, numeral: code ?? "—", name: code ?? "—", colour: "" };
}
