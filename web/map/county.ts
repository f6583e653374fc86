/** The one map. Give it the county, a lens and a choice; it tells what was touched. Loaded only when a map is shown. */
import { type GeoJSONSource, LngLatBounds, Map as GlMap, type MapMouseEvent, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Feature, FeatureCollection, Geometry, LineString, Point, Position } from "geojson";
import type { Lenses, MapData, SpillFront } from "../client/types";
import { stretchesOf, type Watched } from "./front";
import { levelOf, type LensName, markOf, strokeOf, widthOf, type Words } from "./lenses";
import { flowSign, pinSign, pixelRatio, PLACE_KINDS, placeSign, plate } from "./signs";
import { style } from "./style";
import { isMotionReduced, onScheme, token } from "./tokens";

setWorkerUrl(workerUrl);

/** Something on the map that can be chosen. */
export interface Thing {
  kind: "reach" | "place";
  id: string;
  name: string;
}

export interface Options {
  container: HTMLElement;
  words: Words;
  names: { zoomIn: string; zoomOut: string; map: string };
  onChoose: (thing: Thing | null) => void;
  onMove?: () => void;
  /** What lies over the map at its edges [px], so that the county is fitted into what is left. */
  air?: { top: number; bottom: number };
  /** Given when a touch means a place and not a thing: the report form. */
  onPick?: (lon: number, lat: number, reach: string | null) => void;
}

const TOUCH_PX = 10;
/** So much of the map may be covered at its top and foot together before the county is fitted under it. */
const MOST_COVERED = 0.55;
const collect = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

export class County {
  readonly #map: GlMap;
  readonly #options: Options;
  readonly #ready: Promise<void>;
  readonly #stopScheme: () => void;
  #data: MapData | null = null;
  #lens: LensName = "work";
  #lenses: Lenses | null = null;
  #chosen: string | null = null;
  #pin: Position | null = null;
  #front: SpillFront | null = null;
  #watched: Watched[] = [];
  #step = 0;
  #isGone = false;

  constructor(options: Options) {
    this.#options = options;
    this.#map = new GlMap({
      container: options.container,
      style: style(),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      minZoom: 6,
      maxZoom: 16,
      fadeDuration: 0,
      locale: { "NavigationControl.ZoomIn": options.names.zoomIn, "NavigationControl.ZoomOut": options.names.zoomOut, "Map.Title": options.names.map },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
    this.#map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
    this.#map.on("click", (event) => this.#touched(event));
    this.#map.on("moveend", () => options.onMove?.());
    for (const layer of ["touch", "places", "sections"]) {
      this.#map.on("mouseenter", layer, () => (this.#map.getCanvas().style.cursor = "pointer"));
      this.#map.on("mouseleave", layer, () => (this.#map.getCanvas().style.cursor = ""));
    }
    // For whoever waits until all is drawn: a test, a printer.
    this.#map.on("idle", () => (options.container.dataset.drawn = "true"));
    this.#ready = new Promise((ready) => this.#map.once("load", () => ready()));
    void this.#ready.then(() => this.#drawSigns());
    this.#stopScheme = onScheme(() => {
      this.#map.setStyle(style(), { diff: false });
      this.#map.once("styledata", () => {
        this.#drawSigns();
        this.#redraw();
      });
    });
  }

  /** The county itself: outline, reaches and places. Brings it into view the first time. */
  async show(data: MapData): Promise<void> {
    const isFirst = this.#data === null;
    this.#data = data;
    await this.#ready;
    if (this.#isGone) return;
    this.#redraw();
    if (isFirst) this.whole();
  }

  async look(lens: LensName, lenses: Lenses): Promise<void> {
    this.#lens = lens;
    this.#lenses = lenses;
    await this.#ready;
    if (!this.#isGone) this.#redraw();
  }

  /** Mark a reach as chosen, and bring it into sight if it is not. `room` is what a sheet covers at the foot [px]. */
  async choose(reach: string | null, room = 0): Promise<void> {
    this.#chosen = reach;
    await this.#ready;
    if (this.#isGone) return;
    this.#map.setFilter("chosen", ["==", ["get", "id"], reach ?? ""]);
    const feature = this.#data?.reaches.features.find((one) => one.id === reach);
    if (!feature) return;
    const line = (feature.geometry as unknown as LineString).coordinates as [number, number][];
    const box = line.reduce((all, at) => all.extend(at), new LngLatBounds(line[0], line[0]));
    const view = this.#map.getBounds();
    if (room === 0 && view.contains(box.getNorthEast()) && view.contains(box.getSouthWest())) return;
    this.#map.fitBounds(box, { padding: { top: 40 + (this.#options.air?.top ?? 0), left: 50, right: 50, bottom: room > 0 ? room + 40 : 60 }, maxZoom: 11.5, duration: isMotionReduced() ? 0 : 150 });
  }

  /** Put the pin of a report, or take it away. */
  async pin(at: Position | null): Promise<void> {
    this.#pin = at;
    await this.#ready;
    if (!this.#isGone) this.#set("pin", at ? [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: {} }] : []);
  }

  /** The front of a spill, and who waits for it. Brings all of it into view. */
  async front(front: SpillFront | null, watched: Watched[]): Promise<void> {
    const isNew = front !== this.#front;
    this.#front = front;
    this.#watched = watched;
    await this.#ready;
    if (this.#isGone) return;
    this.#redrawFront();
    if (!isNew || !front?.bounds) return;
    const [west, south, east, north] = front.bounds;
    this.#map.fitBounds([[west, south], [east, north]], { padding: { left: 60, right: 90, top: 50, bottom: 60 }, maxZoom: 11.5, duration: 0 });
  }

  /** Show one step of the front. */
  async step(step: number): Promise<void> {
    this.#step = step;
    await this.#ready;
    if (!this.#isGone) this.#showStep();
  }

  whole(): void {
    if (!this.#data) return;
    const [west, south, east, north] = this.#data.bounds;
    const { top, bottom } = this.#options.air ?? { top: 16, bottom: 40 };
    // On a low screen what lies over the map would leave the county no room: then it may lie over the county too.
    const most = this.#map.getContainer().clientHeight * MOST_COVERED;
    const share = Math.min(1, most / (top + bottom));
    this.#map.fitBounds([[west, south], [east, north]], { padding: { left: 16, right: 16, top: top * share, bottom: bottom * share }, duration: 0 });
  }

  /** What is in sight, the weightiest first: sections, then reaches by flow. */
  inSight(): Thing[] {
    if (!this.#data) return [];
    const view = this.#map.getBounds();
    const places = this.#data.places.features
      .filter((one) => one.properties.kind === "section" && view.contains((one.geometry as unknown as Point).coordinates as [number, number]))
      .map((one): Thing => ({ kind: "place", id: one.id, name: String(one.properties.name) }));
    const reaches = this.#data.reaches.features
      .filter((one) => view.contains(one.properties.label as [number, number]))
      .sort((a, b) => Number(b.properties.flow_m3_s ?? 0) - Number(a.properties.flow_m3_s ?? 0))
      .map((one): Thing => ({ kind: "reach", id: one.id, name: String(one.properties.name) }));
    return [...places, ...reaches];
  }

  resize(): void {
    this.#map.resize();
  }

  remove(): void {
    this.#isGone = true;
    this.#stopScheme();
    this.#map.remove();
  }

  #touched(event: MapMouseEvent): void {
    const { x, y } = event.point;
    const box: [[number, number], [number, number]] = [[x - TOUCH_PX, y - TOUCH_PX], [x + TOUCH_PX, y + TOUCH_PX]];
    const layers = ["sections", "places", "urgent", "marks", "touch"].filter((layer) => this.#map.getLayer(layer));
    const found = this.#map.queryRenderedFeatures(box, { layers });
    const { onPick, onChoose } = this.#options;
    if (onPick) {
      const reach = found.find((one) => one.layer.id === "touch");
      onPick(event.lngLat.lng, event.lngLat.lat, reach ? String(reach.properties.id) : null);
      return;
    }
    const nearest = layers.map((layer) => found.find((one) => one.layer.id === layer)).find(Boolean);
    if (!nearest) return onChoose(null);
    const kind = nearest.layer.id === "sections" || nearest.layer.id === "places" ? "place" : "reach";
    onChoose({ kind, id: String(nearest.properties.id), name: String(nearest.properties.name) });
  }

  #drawSigns(): void {
    if (this.#isGone) return;
    const add = (name: string, sign: ReturnType<typeof plate>): void => {
      if (!this.#map.hasImage(name)) this.#map.addImage(name, sign, { pixelRatio });
    };
    add("flow", flowSign());
    add("pin", pinSign());
    for (const kind of PLACE_KINDS) add(`place-${kind}`, placeSign(kind));
  }

  /** The name of the image of a plate, drawn when it is first asked for. */
  #plate(text: string, fill: string, ink: string, size: "small" | "large"): string {
    if (!text) return "";
    const name = `${size} ${text} ${fill} ${ink}`;
    if (!this.#map.hasImage(name)) this.#map.addImage(name, plate(text, fill, ink, size), { pixelRatio });
    return name;
  }

  #set(source: string, features: Feature[]): void {
    this.#map.getSource<GeoJSONSource>(source)?.setData(collect(features));
  }

  #redraw(): void {
    const data = this.#data;
    if (!data) return;
    delete this.#options.container.dataset.drawn;
    const outline = data.outline as unknown as Geometry | null;
    this.#set("county", outline ? [{ type: "Feature", geometry: outline, properties: {} }] : []);
    const lens = this.#lens;
    const lenses = this.#lenses;
    const reaches: Feature[] = [];
    const marks: Feature[] = [];
    const rivers = new Map<string, Feature<Point>[]>();
    for (const reach of data.reaches.features) {
      const level = lenses ? levelOf(lens, lenses, reach.id) : "none";
      const how = strokeOf(lens, level);
      const width = widthOf(reach.properties.flow_m3_s, reach.properties.strahler);
      const colour = token(how.pattern === "hollow" ? "--paper" : how.token);
      const properties = { id: reach.id, name: reach.properties.name, width: width * how.weight, colour, pattern: how.pattern, casing: token(how.isQuiet ? "--stone-3" : "--water-casing") };
      reaches.push({ type: "Feature", geometry: reach.geometry as unknown as Geometry, properties });
      const text = lenses ? markOf(lens, lenses, reach.id, this.#options.words) : "";
      const isUrgent = level === "overdue" || level === "due_soon";
      const at: Point = { type: "Point", coordinates: reach.properties.label as Position };
      const mark = this.#plate(text, ...this.#plateColours(colour, level), "small");
      marks.push({ type: "Feature", geometry: at, properties: { ...properties, mark, isUrgent, rank: width } });
      const river = String(reach.properties.river);
      rivers.set(river, [...(rivers.get(river) ?? []), { type: "Feature", geometry: at, properties: { name: river, width } }]);
    }
    this.#set("reaches", reaches);
    this.#set("marks", marks);
    this.#set("names", [...rivers.values()].map(middleOf));
    this.#set("places", data.places.features.map((place) => this.#place(place)));
    this.#map.setFilter("chosen", ["==", ["get", "id"], this.#chosen ?? ""]);
    if (this.#pin) void this.pin(this.#pin);
    if (this.#front) this.#redrawFront();
  }

  #redrawFront(): void {
    delete this.#options.container.dataset.drawn;
    this.#set("front", this.#front ? stretchesOf(this.#front) : []);
    const colours = (isOver: boolean): [string, string] => (isOver ? [token("--front-2"), token("--on-front")] : [token("--paper"), token("--ink")]);
    this.#set("watched", this.#watched.map((one, rank): Feature => ({ type: "Feature", geometry: { type: "Point", coordinates: one.at }, properties: { mark: this.#plate(one.text, ...colours(one.isOver), "small"), rank } })));
    // The plate carries the name already.
    this.#map.setFilter("section-names", ["all", ["==", ["get", "kind"], "section"], ["!", ["in", ["get", "id"], ["literal", this.#watched.map((one) => one.id)]]]]);
    this.#showStep();
  }

  #showStep(): void {
    for (const [id, feature] of (this.#front?.features ?? []).entries()) {
      const level = Number(feature.properties.levels[this.#step] ?? 0);
      this.#map.setFeatureState({ source: "front", id }, { level });
    }
  }

  #plateColours(colour: string, level: string): [fill: string, ink: string] {
    if (this.#lens === "water") return [colour, token("--water-ink")];
    if (level === "overdue") return [token("--overdue"), token("--on-overdue")];
    return [token("--paper"), token("--ink")];
  }

  #place(place: MapData["places"]["features"][number]): Feature {
    const kind = String(place.properties.kind);
    let mark = `place-${kind}`;
    if (this.#lens === "water" && this.#lenses && kind === "section") {
      const code = this.#lenses.place_water[place.id]?.water_class ?? null;
      mark = this.#plate(this.#options.words.numeral(code), token(strokeOf("water", code ?? "none").token), token("--water-ink"), "large");
    }
    return { type: "Feature", geometry: place.geometry as unknown as Geometry, properties: { id: place.id, kind, name: place.properties.name, mark } };
  }
}

/** Of a river's reaches, the one in its middle carries the river's name, as wide as the river gets. */
function middleOf(reaches: Feature<Point>[]): Feature<Point> {
  const mean = [0, 1].map((axis) => reaches.reduce((sum, reach) => sum + (reach.geometry.coordinates[axis] ?? 0), 0) / reaches.length);
  const away = (reach: Feature<Point>): number => Math.hypot(...reach.geometry.coordinates.map((value, axis) => value - (mean[axis] ?? 0)));
  const middle = reaches.reduce((best, reach) => (away(reach) < away(best) ? reach : best));
  const width = Math.max(...reaches.map((reach) => Number(reach.properties?.width)));
  return { ...middle, properties: { ...middle.properties, width } };
}

/** Whether this browser can draw the map at all. */
export function canDraw(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}
