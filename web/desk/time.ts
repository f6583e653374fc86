/** Times are read and written in the county's zone, wherever the reader sits. */
import { words } from "./words.svelte";

let zone = "Asia/Shanghai";

export function useZone(name: string): void {
  zone = name;
}

export const countyZone = (): string => zone;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function partsAt(moment: Date): Parts {
  const found: Record<string, number> = {};
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  for (const { type, value } of format.formatToParts(moment)) found[type] = Number(value);
  return found as unknown as Parts;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** `11月24日` or `24 Nov`; with the year where it is not this year. */
export function day(time: string | Date): string {
  const moment = new Date(time);
  const isThisYear = partsAt(moment).year === partsAt(new Date()).year;
  const year = isThisYear ? undefined : "numeric";
  const isChinese = words.language === "zh";
  const format = new Intl.DateTimeFormat(isChinese ? "zh-CN" : "en-GB", {
    timeZone: zone,
    year,
    month: isChinese ? "long" : "short",
    day: "numeric",
  });
  return format.format(moment);
}

/** `11月24日 08:15` or `24 Nov 08:15`. */
export function dayAndTime(time: string | Date): string {
  const at = partsAt(new Date(time));
  return `${day(time)} ${two(at.hour)}:${two(at.minute)}`;
}

/** How long ago or how soon: `3小时前`, `in 2 days`. */
export function relative(time: string | Date, now: Date = new Date()): string {
  const seconds = (new Date(time).getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(words.language === "zh" ? "zh-CN" : "en", { numeric: "always" });
  const size = Math.abs(seconds);
  if (size < 3600) return format.format(Math.round(seconds / 60), "minute");
  if (size < 48 * 3600) return format.format(Math.round(seconds / 3600), "hour");
  if (size < 90 * 86400) return format.format(Math.round(seconds / 86400), "day");
  return format.format(Math.round(seconds / (30.44 * 86400)), "month");
}

/** What an `<input type="datetime-local">` shows for a moment in the county's zone. */
export function toField(time: string | Date): string {
  const at = partsAt(new Date(time));
  return `${at.year}-${two(at.month)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}`;
}

/** The moment that an `<input type="datetime-local">` names in the county's zone, as ISO 8601; null while it is empty. */
export function fromField(field: string): string | null {
  // Chromium reads ":00Z" as the year 2000.
  const asUtc = field === "" ? Number.NaN : Date.parse(`${field}:00Z`);
  if (Number.isNaN(asUtc)) return null;
  const shown = Date.parse(`${toField(new Date(asUtc))}:00Z`);
  return new Date(asUtc - (shown - asUtc)).toISOString();
}

/** A date whose digits in UTC are those of the county's clock, for the words on a time axis. */
export function countyClock(seconds: number): Date {
  return new Date(Date.parse(`${toField(new Date(seconds * 1000))}:00Z`));
}
