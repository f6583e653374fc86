/** A report that is not yet with the server: kept on this machine until the server has acknowledged it. */
import type { Bank, Report } from "../../client/types";
import { newUuid } from "../identity";
import type { Photo } from "./photo";

export interface Draft {
  /** The report's own name: sent twice, it is one report. */
  uuid: string;
  title: string;
  description: string;
  categories: string[];
  reach: string;
  bank: Bank;
  severity: Report["severity"];
  lon: number | null;
  lat: number | null;
  /** Photos that the server already has. */
  photos: Photo[];
}

const keyOf = (username: string): string => `report-draft ${username}`;

export function emptyDraft(): Draft {
  return { uuid: newUuid(), title: "", description: "", categories: [], reach: "", bank: "both", severity: "ordinary", lon: null, lat: null, photos: [] };
}

export function keptDraft(username: string): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(username)) ?? "null") as Draft | null;
    return kept && typeof kept.uuid === "string" ? { ...emptyDraft(), ...kept } : null;
  } catch {
    return null;
  }
}

export function keepDraft(username: string, draft: Draft): void {
  const photos = draft.photos.filter((photo) => photo.state === "sent");
  localStorage.setItem(keyOf(username), JSON.stringify({ ...draft, photos }));
}

export function dropDraft(username: string): void {
  localStorage.removeItem(keyOf(username));
}

export function isWorthKeeping(draft: Draft): boolean {
  return Boolean(draft.title || draft.description || draft.categories.length || draft.photos.length);
}
