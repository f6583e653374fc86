/** The style of each class; the words of each class come from the server. */
import type { WaterClass } from "../client/types";

export const CLASSES: readonly WaterClass[] = ["I", "II", "III", "IV", "V", ">V"];

/** The name of the token and of the CSS class: `water-III`, `water-worse`, `water-none`. */
export function classToken(code: WaterClass | null): string {
  if (code === null) return "water-none";
  return code === ">V" ? "water-worse" : `water-${code}`;
}
