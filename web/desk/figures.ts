/** How figures from the server are set in type. What they mean is not decided here. */
import type { Station } from "../client/types";

/** `m3/s` as m³/s, `degC` as ℃; nothing for what has no unit. */
export function unitText(unit: string): string {
  if (unit === "-") return "";
  return unit
    .replace(/^degC$/, "℃")
    .replace(/^u(?=[SgmL])/, "µ")
    .replace(/m3\b/g, "m³")
    .replace(/m2\b/g, "m²");
}

/** Flags that say nothing a reader must see: the value passed, or nobody has looked yet. */
const QUIET_FLAGS = new Set(["", "good", "unchecked"]);

export const isMarked = (flag: string): boolean => !QUIET_FLAGS.has(flag);

export type Latest = Station["latest"][number];

/** The newest value of each parameter: a section may have several stations that measure the same. */
export function newestOfEach(latest: readonly Latest[]): Latest[] {
  const newest = new Map<string, Latest>();
  for (const value of latest) {
    const known = newest.get(value.parameter);
    if (!known || Date.parse(value.at) > Date.parse(known.at)) newest.set(value.parameter, value);
  }
  return [...newest.values()];
}
