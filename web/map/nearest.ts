/** Which reach a point belongs to: the nearest line, measured on a flat county. */
import type { LineString, Position } from "geojson";
import type { MapData } from "../client/types";

const DEGREE_M = 111_320;

export interface Nearest {
  reach: string;
  name: string;
  distance_m: number;
}

export function nearestReach(data: MapData, lon: number, lat: number): Nearest | null {
  const shrink = Math.cos((lat * Math.PI) / 180);
  const flat = (at: Position): [number, number] => [(at[0]! - lon) * shrink * DEGREE_M, (at[1]! - lat) * DEGREE_M];
  let best: Nearest | null = null;
  for (const reach of data.reaches.features) {
    const line = (reach.geometry as unknown as LineString).coordinates.map(flat);
    for (let index = 1; index < line.length; index++) {
      const distance_m = toSegment(line[index - 1]!, line[index]!);
      if (!best || distance_m < best.distance_m) best = { reach: reach.id, name: String(reach.properties.name), distance_m };
    }
  }
  return best;
}

/** Distance of the origin from the segment a–b [m]. */
function toSegment(a: [number, number], b: [number, number]): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const along = dx * dx + dy * dy;
  const share = along === 0 ? 0 : Math.min(1, Math.max(0, -(a[0] * dx + a[1] * dy) / along));
  return Math.hypot(a[0] + share * dx, a[1] + share * dy);
}
