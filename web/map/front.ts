/** The front of a spill on the map: how its levels are drawn, and the plates that say when it comes where. */
import type { Feature, Position } from "geojson";
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { SpillFront } from "../client/types";
import { token } from "./tokens";

/** Who waits for the front: which place, where, from when in words, and whether above its limit. */
export interface Watched {
  id: string;
  at: Position;
  text: string;
  isOver: boolean;
}

/** Wider for each level, so that colour is never the only sign [px at county scale]. */
export const FRONT_WIDTHS = [0, 6, 9, 13] as const;

function byLevel(values: readonly (string | number)[]): ExpressionSpecification {
  const [none, one, two, three] = values;
  return ["match", ["coalesce", ["feature-state", "level"], 0], 1, one, 2, two, 3, three, none] as ExpressionSpecification;
}

export function frontLayers(): LayerSpecification[] {
  const shape = { "line-cap": "round", "line-join": "round" } as const;
  return [
    // The whole way that the spill will take, before and after it is there
    { id: "front-way", type: "line", source: "front", layout: shape, paint: { "line-color": token("--front-1"), "line-width": 1.6, "line-opacity": 0.55 } },
    { id: "front-edge", type: "line", source: "front", layout: shape, paint: { "line-color": token("--paper"), "line-width": byLevel(FRONT_WIDTHS.map((width) => (width ? width + 3 : 0))) } },
    {
      id: "front",
      type: "line",
      source: "front",
      layout: shape,
      paint: { "line-color": byLevel(["rgba(0,0,0,0)", token("--front-1"), token("--front-2"), token("--front-3")]), "line-width": byLevel(FRONT_WIDTHS) },
    },
  ];
}

/** When it comes, on a plate under the sign of each place; the nearer place wins where two would overlap. */
export function watchedLayer(): LayerSpecification {
  return {
    id: "watched",
    type: "symbol",
    source: "watched",
    layout: { "icon-image": ["get", "mark"], "icon-anchor": "top", "icon-offset": [0, 11], "symbol-sort-key": ["get", "rank"] },
  };
}

/** The stretches without their numbers: the map needs only their shape and their place in the list. */
export function stretchesOf(front: SpillFront): Feature[] {
  return front.features.map((feature, id) => ({ type: "Feature", id, geometry: feature.geometry, properties: {} }));
}
