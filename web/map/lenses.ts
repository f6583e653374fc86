/** The three lenses: how a reach is stroked and what is written on it. Used by the map, the legend, the list and the small maps. */
import type { Lens, Lenses, WaterClass } from "../client/types";

export type LensName = "work" | "water" | "freshness";
export const LENSES: readonly LensName[] = ["work", "water", "freshness"];

/** solid, or a pattern that tells two levels apart where their colours cannot; hollow is a line of casing only. */
export type Pattern = "solid" | "dash" | "dot" | "hollow";

export interface Stroke {
  token: string;
  pattern: Pattern;
  /** Times the width that flow gives; what is calm is drawn thin. */
  weight: number;
  /** Nothing to do here: drawn without the ink that makes a line stand out. */
  isQuiet: boolean;
}

const stroke = (token: string, pattern: Pattern = "solid", weight = 1, isQuiet = false): Stroke => ({ token, pattern, weight, isQuiet });

const STROKES: Record<LensName, Record<string, Stroke>> = {
  work: {
    overdue: stroke("--overdue", "dot", 1.5),
    due_soon: stroke("--soon", "dash", 1.3),
    open: stroke("--open", "solid", 1.1),
    none: stroke("--stone-2", "solid", 0.8, true),
  },
  water: {
    I: stroke("--water-I"),
    II: stroke("--water-II"),
    III: stroke("--water-III"),
    IV: stroke("--water-IV"),
    V: stroke("--water-V"),
    ">V": stroke("--water-worse"),
    none: stroke("--water-none", "hollow"),
  },
  freshness: {
    fresh: stroke("--fresh"),
    ageing: stroke("--ageing", "dash"),
    stale: stroke("--stale", "dot"),
    never: stroke("--never", "hollow"),
  },
};

/** How a level of a lens is drawn. A level this page does not know yet is drawn like "none". */
export function strokeOf(lens: LensName, level: string): Stroke {
  return STROKES[lens][level] ?? stroke("--stone-2", "hollow");
}

/** The level of a reach in a lens; a class not known is "none". */
export function levelOf(lens: LensName, lenses: Lenses, reach: string): string {
  if (lens === "work") return lenses.work[reach]?.level ?? "none";
  if (lens === "water") return lenses.water[reach]?.water_class ?? "none";
  return lenses.freshness[reach]?.level ?? "never";
}

/** What is written on a reach beside its colour. */
export interface Words {
  numeral: (code: WaterClass | null) => string;
  days: (days: number) => string;
}

export function markOf(lens: LensName, lenses: Lenses, reach: string, words: Words): string {
  if (lens === "work") {
    const work = lenses.work[reach];
    return work && work.open_cases > 0 ? String(work.open_cases) : "";
  }
  if (lens === "water") {
    const water = lenses.water[reach];
    return water?.water_class ? words.numeral(water.water_class) : "";
  }
  const days = lenses.freshness[reach]?.days;
  return days === null || days === undefined ? "" : words.days(days);
}

export function lensWords(lens: LensName, lenses: Lenses): Lens {
  return { work: lenses.work_lens, water: lenses.water_lens, freshness: lenses.freshness_lens }[lens];
}

/** Width of a reach in pixels at county scale, by its flow [m³/s], else by its Strahler order. */
export function widthOf(flow_m3_s: unknown, strahler: unknown): number {
  if (typeof flow_m3_s === "number") return Math.min(7, 1.6 + 0.65 * Math.sqrt(flow_m3_s));
  return typeof strahler === "number" ? 1 + strahler : 2;
}
