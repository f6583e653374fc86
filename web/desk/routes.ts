/** Which address shows which page. Pages are fetched when they are first shown. */
import type { Component } from "svelte";
import type { Key } from "./words.svelte";

export type Section = "map" | "inbox" | "rivers" | "stations" | "cases" | "spills" | null;

interface Route {
  pattern: RegExp;
  section: Section;
  title: Key;
  page: () => Promise<{ default: Component<Record<string, string>> }>;
}

export interface Found extends Route {
  /** The named parts of the address. */
  given: Record<string, string>;
}

const load = (page: () => Promise<unknown>): Route["page"] => page as Route["page"];

const ROUTES: Route[] = [
  { pattern: /^\/desk\/?$|^\/desk\/map$/, section: "map", title: "nav.map_long", page: load(() => import("./map/MapPage.svelte")) },
  { pattern: /^\/desk\/inbox$/, section: "inbox", title: "nav.inbox_long", page: load(() => import("./cases/InboxPage.svelte")) },
  { pattern: /^\/desk\/rivers$/, section: "rivers", title: "nav.rivers_long", page: load(() => import("./waters/RiversPage.svelte")) },
  { pattern: /^\/desk\/rivers\/report$/, section: "rivers", title: "month.page", page: load(() => import("./waters/MonthReportPage.svelte")) },
  { pattern: /^\/desk\/reaches\/(?<id>[^/]+)$/, section: "rivers", title: "reach.page", page: load(() => import("./waters/ReachPage.svelte")) },
  { pattern: /^\/desk\/stations$/, section: "stations", title: "nav.stations_long", page: load(() => import("./stations/StationsPage.svelte")) },
  { pattern: /^\/desk\/stations\/(?<id>[^/]+)$/, section: "stations", title: "station.page", page: load(() => import("./stations/StationPage.svelte")) },
  { pattern: /^\/desk\/health$/, section: "stations", title: "health.page", page: load(() => import("./instruments/HealthPage.svelte")) },
  { pattern: /^\/desk\/health\/(?<id>[^/]+)$/, section: "stations", title: "health.page", page: load(() => import("./instruments/StationHealthPage.svelte")) },
  { pattern: /^\/desk\/messages$/, section: "stations", title: "inbox.page", page: load(() => import("./messages/MessagesPage.svelte")) },
  { pattern: /^\/desk\/files$/, section: "stations", title: "files.page", page: load(() => import("./files/FilesPage.svelte")) },
  { pattern: /^\/desk\/episodes$/, section: "stations", title: "nav.episodes_long", page: load(() => import("./episodes/EpisodesPage.svelte")) },
  { pattern: /^\/desk\/episodes\/(?<id>\d+)$/, section: "stations", title: "episode.page", page: load(() => import("./episodes/EpisodePage.svelte")) },
  { pattern: /^\/desk\/cases$/, section: "cases", title: "nav.cases_long", page: load(() => import("./cases/CasesPage.svelte")) },
  { pattern: /^\/desk\/cases\/(?<number>[^/]+)$/, section: "cases", title: "case.page", page: load(() => import("./cases/CasePage.svelte")) },
  { pattern: /^\/desk\/spills$/, section: "spills", title: "nav.spills_long", page: load(() => import("./spills/SpillsPage.svelte")) },
  { pattern: /^\/desk\/spills\/(?<id>[^/]+)$/, section: "spills", title: "spill.page", page: load(() => import("./spills/SpillPage.svelte")) },
  { pattern: /^\/desk\/overdue$/, section: "cases", title: "overdue.page", page: load(() => import("./overdue/OverduePage.svelte")) },
  { pattern: /^\/desk\/deadlines$/, section: "cases", title: "deadline.page", page: load(() => import("./overdue/DeadlinesPage.svelte")) },
  { pattern: /^\/desk\/notices$/, section: "inbox", title: "notices.page", page: load(() => import("./notices/NoticesPage.svelte")) },
  { pattern: /^\/desk\/report$/, section: "inbox", title: "report.page", page: load(() => import("./cases/ReportPage.svelte")) },
];

export function route(path: string): Found | null {
  for (const one of ROUTES) {
    const match = one.pattern.exec(path);
    if (match) {
      const given = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { ...one, given: Object.fromEntries(given) as Record<string, string> };
    }
  }
  return null;
}

/** Where a hit of the search leads. */
export function whereIs(kind: string, id: string): string {
  const code = encodeURIComponent(id);
  switch (kind) {
    case "river":
      return `/desk/rivers?river=${code}`;
    case "reach":
      return `/desk/reaches/${code}`;
    case "station":
    case "section":
      return `/desk/stations/${code}`;
    case "case":
      return `/desk/cases/${code}`;
    default:
      return `/desk/map?place=${code}`;
  }
}
