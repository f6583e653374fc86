/** How bad a problem is, as people choose it. */
import type { Report } from "../../client/types";
import type { Key } from "../words.svelte";

export const SEVERITIES: [Report["severity"], Key][] = [
  ["minor", "severity.minor"],
  ["ordinary", "severity.ordinary"],
  ["major", "severity.major"],
];
