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
  { pattern: /^\/desk\/?$|^\/desk\/map$/, section: "map", title: "nav.map_long", page: load(() => import("./pages/MapPage.svelte")) },
  { pattern: /^\/desk\/inbox$/, section: "inbox", title: "nav.inbox_long", page: load(() => import("./pages/InboxPage.svelte")) },
  { pattern: /^\/desk\/rivers$/, section: "rivers", title: "nav.rivers_long", page: load(() => import("./pages/RiversPage.svelte")) },
  { pattern: /^\/desk\/reaches\/(?<id>[^/]+)$/, section: "rivers", title: "reach.page", page: load(() => import("./pages/ReachPage.svelte")) },
  { pattern: /^\/desk\/stations$/, section: "stations", title: "nav.stations_long", page: load(() => import("./pages/StationsPage.svelte")) },
  { pattern: /^\/desk\/stations\/(?<id>[^/]+)$/, section: "stations", title: "station.page", page: load(() => import("./pages/StationPage.svelte")) },
  { pattern: /^\/desk\/health$/, section: "stations", title: "health.page", page: load(() => import("./pages/HealthPage.svelte")) },
  { pattern: /^\/desk\/health\/(?<id>[^/]+)$/, section: "stations", title: "health.page", page: load(() => import("./pages/StationHealthPage.svelte")) },
  { pattern: /^\/desk\/messages$/, section: "stations", title: "inbox.page", page: load(() => import("./pages/MessagesPage.svelte")) },
  { pattern: /^\/desk\/files$/, section: "stations", title: "files.page", page: load(() => import("./pages/FilesPage.svelte")) },
  { pattern: /^\/desk\/episodes$/, section: "stations", title: "nav.episodes_long", page: load(() => import("./pages/EpisodesPage.svelte")) },
  { pattern: /^\/desk\/episodes\/(?<id>\d+)$/, section: "stations", title: "episode.page", page: load(() => import("./pages/EpisodePage.svelte")) },
  { pattern: /^\/desk\/cases$/, section: "cases", title: "nav.cases_long", page: load(() => import("./pages/CasesPage.svelte")) },
  { pattern: /^\/desk\/cases\/(?<number>[^/]+)$/, section: "cases", title: "case.page", page: load(() => import("./pages/CasePage.svelte")) },
  { pattern: /^\/desk\/spills$/, section: "spills", title: "nav.spills_long", page: load(() => import("./pages/SpillsPage.svelte")) },
  { pattern: /^\/desk\/spills\/(?<id>[^/]+)$/, section: "spills", title: "spill.page", page: load(() => import("./pages/SpillPage.svelte")) },
  { pattern: /^\/desk\/report$/, section: "inbox", title: "report.page", page: load(() => import("./pages/ReportPage.svelte")) },
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
