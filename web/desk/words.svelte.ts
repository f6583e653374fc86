/** Words of the pages themselves, in the reader's language. Texts about water and work come from the server. */
import { speak } from "../client/ask";
import type zh from "../words/zh.json";

export type Key = keyof typeof zh;
export type Language = "zh" | "en";

const FILES: Record<Language, () => Promise<{ default: Record<Key, string> }>> = {
  zh: () => import("../words/zh.json"),
  en: () => import("../words/en.json"),
};

class Words {
  language: Language = $state("zh");
  table = $state.raw<Record<Key, string> | null>(null);
}

export const words = new Words();

export async function useLanguage(language: Language): Promise<void> {
  speak(language);
  words.table = (await FILES[language]()).default;
  words.language = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** The words for a key, with `{name}` filled in and `{n|case|cases}` chosen by number. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = words.table?.[key] ?? "";
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return one === undefined || many === undefined ? String(value) : Number(value) === 1 ? one : many;
  });
}
