/** Short names for the server's own words; the words themselves are generated into api.d.ts. */
import type { components } from "./api";

type Words = components["schemas"];

export type Account = Words["Account"];
export type SimilarCase = Words["SimilarCase"];
export type ActChoice = Words["ActChoice"];
export type Action = Words["Action"];
export type Attachment = Words["Attachment"];
export type Bank = Words["Report"]["bank"];
export type BankChiefs = Words["BankChiefs"];
export type Case = Words["Case"];
export type CaseBrief = Words["CaseBrief"];
export type CaseList = Words["CaseList"];
export type Choice = Words["Choice"];
export type DeadlinePreview = Words["DeadlinePreview"];
export type Deadlines = Words["Deadlines"];
export type NoticeList = Words["NoticeList"];
export type Overdue = Words["Overdue"];
export type OverdueCase = Words["OverdueCase"];
export type CheckPage = Words["CheckPage"];
export type ClassWords = Words["ClassWords"];
export type ColumnMeaning = Words["ColumnMeaning"];
export type Evidence = Words["Evidence"];
export type FileDone = Words["FileDone"];
export type FilePreview = Words["FilePreview"];
export type FileWords = Words["FileWords"];
export type Found = Words["Found"];
export type FreshnessLevel = Words["ReachFreshness"]["level"];
export type GeoCollection = Words["GeoCollection"];
export type GeoFeature = Words["GeoFeature"];
export type HealthBoard = Words["HealthBoard"];
export type HealthPage = Words["HealthPage"];
export type HealthState = Words["HealthRow"]["state"];
export type Judgement = Words["Judgement"];
export type Lens = Words["Lens"];
export type Lenses = Words["Lenses"];
export type LimitTable = Words["LimitTable"];
export type MapData = Words["Map"];
export type Message = Words["Message"];
export type MessageContent = Words["MessageContent"];
export type MessagePage = Words["MessagePage"];
export type Neighbour = Words["Neighbour"];
export type Periods = Words["Periods"];
export type Reach = Words["Reach"];
export type PictureLeaf = Words["PictureLeaf"];
export type ReplayDone = Words["ReplayDone"];
export type Report = Words["Report"];
export type Requirement = Words["Requirement"];
export type River = Words["River"];
export type Series = Words["Series"];
export type Session = Words["Session"];
export type Spill = Words["Spill"];
export type SpillAsk = Words["SpillAsk"];
export type SpillForm = Words["SpillForm"];
export type SpillList = Words["SpillList"];
export type SpillPlace = Words["SpillPlace"];
export type SpillPoint = Words["SpillPoint"];
export type Station = Words["Station"];
export type StationTable = Words["StationTable"];
export type Step = Words["Step"];
export type Summary = Words["Summary"];
export type Transition = Words["Transition"];
export type WatersPeriods = Words["WatersPeriods"];
export type MonthReport = Words["MonthReport"];
export type Sources = Words["Sources"];
export type WaterClass = NonNullable<Words["ReachWater"]["water_class"]>;
export type WorkLevel = Words["ReachWork"]["level"];

/** The front of a spill over time; its features are stretches of rivers. */
export type SpillFront = Omit<Words["SpillFront"], "features"> & { features: Stretch[] };
export type TraceCurve = Words["TraceCurve"];
export type Trace = Words["Trace"];
export type EpisodeList = Words["EpisodeList"];
export type Episode = Words["Episode"];
export type CaseOpened = Words["CaseOpened"];
export interface Stretch {
  geometry: { type: "LineString"; coordinates: [number, number][] };
  /** One level (a digit) and one concentration for each step. */
  properties: { reach: string; name: string; levels: string; mg_l: number[] };
}

/** Why a request was refused. Any address may answer so, therefore it stands at none of them in the OpenAPI document. */
export interface Refusal {
  text: string;
  faults: { kind: string; place: string; text: string }[];
}
