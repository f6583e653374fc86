/** The map's layers from the ground up. No address of a tile, glyph or sprite: everything drawn was sent by our own server. */
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { frontLayers, watchedLayer } from "./front";
import { token } from "./tokens";

const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };
/** Rivers at least this wide [px at county scale] are named before anything else is. */
const MAIN_RIVER = 3.3;
const FONT = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei"];

/** A width in pixels at county scale that grows with the zoom. */
function wide(extra = 0): ExpressionSpecification {
  const at = (times: number): ExpressionSpecification => ["+", ["*", ["get", "width"], times], extra];
  return ["interpolate", ["exponential", 1.3], ["zoom"], 8, at(0.7), 9.5, at(1), 13, at(2.2)];
}

/** The names of rivers, in the colour of what can be done with them: go there. */
function riverNames(id: string, filter: FilterSpecification): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: "names",
    filter,
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": ["interpolate", ["linear"], ["get", "width"], 2, 12, 7, 17],
      "text-letter-spacing": 0.15,
      "text-variable-anchor": ["left", "right", "top", "bottom"],
      "text-radial-offset": 0.9,
      "symbol-sort-key": ["-", 0, ["get", "width"]],
    },
    paint: { "text-color": token("--river"), "text-halo-color": token("--paper"), "text-halo-width": 2 },
  };
}

export function style(): StyleSpecification {
  const ink = token("--ink");
  const paper = token("--paper");
  const river = token("--river");
  return {
    version: 8,
    sources: {
      county: { type: "geojson", data: NOTHING },
      reaches: { type: "geojson", data: NOTHING, promoteId: "id" },
      marks: { type: "geojson", data: NOTHING, promoteId: "id" },
      names: { type: "geojson", data: NOTHING },
      places: { type: "geojson", data: NOTHING, promoteId: "id" },
      pin: { type: "geojson", data: NOTHING },
      front: { type: "geojson", data: NOTHING },
      watched: { type: "geojson", data: NOTHING },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("--stone-1") } },
      { id: "county", type: "fill", source: "county", paint: { "fill-color": paper } },
      { id: "border", type: "line", source: "county", paint: { "line-color": token("--stone-3"), "line-width": 1.2 } },
      {
        id: "chosen",
        type: "line",
        source: "reaches",
        filter: ["==", ["get", "id"], ""],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": river, "line-width": wide(12), "line-opacity": 0.35 },
      },
      {
        id: "casing",
        type: "line",
        source: "reaches",
        layout: { "line-cap": "round", "line-join": "round", "line-sort-key": ["get", "width"] },
        paint: { "line-color": ["get", "casing"], "line-width": wide(1.6) },
      },
      {
        id: "reaches",
        type: "line",
        source: "reaches",
        layout: { "line-cap": "round", "line-join": "round", "line-sort-key": ["get", "width"] },
        paint: { "line-color": ["get", "colour"], "line-width": wide() },
      },
      {
        id: "pattern",
        type: "line",
        source: "reaches",
        filter: ["in", ["get", "pattern"], ["literal", ["dash", "dot"]]],
        paint: {
          "line-color": paper,
          "line-width": wide(),
          "line-dasharray": ["match", ["get", "pattern"], "dot", ["literal", [0.5, 1.5]], ["literal", [0.8, 3]]],
        },
      },
      ...frontLayers(),
      {
        id: "flow",
        type: "symbol",
        source: "reaches",
        minzoom: 10.5,
        layout: { "symbol-placement": "line", "symbol-spacing": 90, "icon-image": "flow", "icon-padding": 0 },
      },
      { id: "touch", type: "line", source: "reaches", paint: { "line-color": ink, "line-opacity": 0, "line-width": 22 } },
      {
        id: "places",
        type: "symbol",
        source: "places",
        minzoom: 10.2,
        filter: ["!=", ["get", "kind"], "section"],
        layout: {
          "icon-image": ["concat", "place-", ["get", "kind"]],
          "icon-size": 0.8,
          "icon-allow-overlap": true,
          "text-field": ["step", ["zoom"], "", 12, ["get", "name"]],
          "text-font": FONT,
          "text-size": 12,
          "text-anchor": "top",
          "text-offset": [0, 0.8],
          "text-optional": true,
        },
        paint: { "text-color": ink, "text-halo-color": paper, "text-halo-width": 1.5 },
      },
      {
        id: "reach-names",
        type: "symbol",
        source: "marks",
        minzoom: 11,
        layout: {
          "text-field": ["get", "name"],
          "text-font": FONT,
          "text-size": 12,
          "text-anchor": "top",
          "text-offset": [0, 0.9],
          "text-optional": true,
          "symbol-sort-key": ["-", 0, ["get", "width"]],
        },
        paint: { "text-color": token("--ink-soft"), "text-halo-color": paper, "text-halo-width": 1.5 },
      },
      riverNames("tributaries", ["all", ["<", ["get", "width"], MAIN_RIVER], [">=", ["zoom"], 9.8]]),
      {
        id: "marks",
        type: "symbol",
        source: "marks",
        filter: ["all", ["!=", ["get", "mark"], ""], ["!", ["get", "isUrgent"]]],
        layout: {
          "icon-image": ["get", "mark"],
          "icon-padding": 1,
          "symbol-sort-key": ["-", 0, ["get", "rank"]],
        },
      },
      {
        id: "section-names",
        type: "symbol",
        source: "places",
        filter: ["==", ["get", "kind"], "section"],
        layout: {
          "text-field": ["get", "name"],
          "text-font": FONT,
          "text-size": 13,
          "text-variable-anchor": ["top", "left", "right", "bottom"],
          "text-radial-offset": 1,
        },
        paint: { "text-color": ink, "text-halo-color": paper, "text-halo-width": 2 },
      },
      riverNames("rivers", [">=", ["get", "width"], MAIN_RIVER]),
      // Signs are placed before names, so that no name runs over a sign.
      {
        id: "sections",
        type: "symbol",
        source: "places",
        filter: ["==", ["get", "kind"], "section"],
        layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true },
      },
      {
        id: "urgent",
        type: "symbol",
        source: "marks",
        filter: ["all", ["!=", ["get", "mark"], ""], ["get", "isUrgent"]],
        layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true },
      },
      watchedLayer(),
      {
        id: "pin",
        type: "symbol",
        source: "pin",
        layout: { "icon-image": "pin", "icon-anchor": "bottom", "icon-allow-overlap": true },
      },
    ],
  };
}
