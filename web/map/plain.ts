/** A county drawn as plain lines: prints well, needs no WebGL. One scale for the map of a case and that of a source. */
import type { LineString, MultiPolygon, Polygon, Position } from "geojson";
import type { MapData } from "../client/types";

export interface Plain {
  x: (lon: number) => number;
  y: (lat: number) => number;
  path: (points: Position[]) => string;
  isIn: (point: Position) => boolean;
}

/** The window round `points` (the whole county where there are none), never closer than `leastDeg` of latitude. */
export function plainView(data: MapData, points: Position[], width: number, height: number, leastDeg: number): Plain {
  const [west, south, east, north] = data.bounds;
  const xs = points.length ? points.map((point) => point[0]!) : [west, east];
  const ys = points.length ? points.map((point) => point[1]!) : [south, north];
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2] as const;
  const shrink = Math.cos((middle[1] * Math.PI) / 180);
  const tall = Math.max(leastDeg, (Math.max(...ys) - Math.min(...ys)) * 1.4, ((Math.max(...xs) - Math.min(...xs)) * 1.4 * shrink * height) / width);
  const scale = height / tall;
  const x = (lon: number): number => width / 2 + (lon - middle[0]) * shrink * scale;
  const y = (lat: number): number => height / 2 - (lat - middle[1]) * scale;
  return {
    x,
    y,
    path: (line) => line.map((point, index) => `${index ? "L" : "M"}${x(point[0]!).toFixed(1)} ${y(point[1]!).toFixed(1)}`).join(""),
    isIn: (point) => x(point[0]!) > 24 && x(point[0]!) < width - 24 && y(point[1]!) > 16 && y(point[1]!) < height - 12,
  };
}

/** The county's outline as one path. */
export function outlineOf(data: MapData, view: Plain): string {
  const outline = data.outline as unknown as Polygon | MultiPolygon | null;
  if (!outline) return "";
  const polygons = outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates;
  return polygons.flat().map((ring) => `${view.path(ring)}Z`).join("");
}

export const lineOf = (reach: MapData["reaches"]["features"][number]): Position[] => (reach.geometry as unknown as LineString).coordinates;
