/** How a series is drawn, in every place that draws one. Loaded only when a chart is shown. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../client/types";
import { countyClock, countyZone } from "../desk/time";
import { classToken } from "../desk/water";
import { classWords } from "../desk/session.svelte";
import { token } from "../map/tokens";

const FONT = '12px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';
const DAY_S = 86_400;
const MONTH_S = 27 * DAY_S;
const YEAR_S = 364 * DAY_S;
/** A drag shorter than this is a slip of the hand, not a choice [px]. */
const LEAST_DRAG = 12;

/** The line stops where the server says that readings are missing after it: a gap is never bridged. */
export function withGaps(series: Series): [times: number[], values: (number | null)[], places: number[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  const places: number[] = [];
  let next = 0;
  series.times.forEach((time, index) => {
    for (; next < series.breaks.length && series.breaks[next]! <= time; next++) {
      if (series.breaks[next] === time) continue;
      times.push(series.breaks[next]!);
      values.push(null);
      places.push(-1);
    }
    times.push(time);
    values.push(series.values[index] ?? null);
    places.push(index);
  });
  return [times, values, places];
}

/** From zero (or the lowest value) to a little above the highest, so wide that at least the next limit is in sight. */
export function rangeOf(series: Series): [number, number] {
  const known = series.values.filter((value): value is number => value !== null);
  if (known.length === 0) return [0, 1];
  let low = Math.min(...known);
  let high = Math.max(...known);
  const limits = series.limits.map((limit) => limit.value);
  if (series.direction === "max") {
    const next = limits.filter((limit) => limit >= high);
    if (next.length > 0) high = Math.max(high, Math.min(...next));
  } else if (series.direction === "min") {
    const next = limits.filter((limit) => limit <= low);
    if (next.length > 0) low = Math.min(low, Math.max(...next));
  }
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  const floor = low >= 0 && low - air < (high - low) * 0.35 ? 0 : low - air;
  return [floor, high + air];
}

export function drawSeries(holder: HTMLElement, series: Series, width: number, height: number, onPoint: (index: number | null) => void, onZoom: (from: number, to: number) => void): uPlot {
  const [times, values, places] = withGaps(series);
  const ink = token("--ink");
  const soft = token("--ink-soft");
  const line = token("--series");
  const grid = { stroke: token("--stone-2"), width: 1 };

  const label = (splits: number[], step: number): string[] =>
    splits.map((second) => {
      const at = countyClock(second);
      if (step >= YEAR_S) return String(at.getUTCFullYear());
      if (step >= MONTH_S) return `${at.getUTCFullYear()}/${at.getUTCMonth() + 1}`;
      const date = `${at.getUTCMonth() + 1}/${at.getUTCDate()}`;
      const hour = `${String(at.getUTCHours()).padStart(2, "0")}:${String(at.getUTCMinutes()).padStart(2, "0")}`;
      return step >= DAY_S || hour === "00:00" ? date : hour;
    });

  const limits = (plot: uPlot): void => {
    const { ctx: pen, bbox } = plot;
    pen.save();
    pen.beginPath();
    pen.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    pen.clip();
    const ratio = devicePixelRatio;
    let taken = Infinity;
    for (const limit of [...series.limits].sort((a, b) => b.value - a.value)) {
      const y = Math.round(plot.valToPos(limit.value, "y", true));
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      pen.strokeStyle = limit.is_target ? ink : soft;
      pen.lineWidth = (limit.is_target ? 1.6 : 1) * ratio;
      pen.setLineDash([6 * ratio, 4 * ratio]);
      pen.beginPath();
      pen.moveTo(bbox.left, y);
      pen.lineTo(bbox.left + bbox.width, y);
      pen.stroke();
      pen.setLineDash([]);
      if (Math.abs(taken - y) < 17 * ratio) continue;
      taken = y;
      const text = classWords(limit.water_class).numeral;
      pen.font = FONT.replace("12px", `600 ${12 * ratio}px`);
      const wide = pen.measureText(text).width + 8 * ratio;
      // The plate stays inside the chart where its line runs along the edge.
      const middle = Math.min(Math.max(y, bbox.top + 9 * ratio), bbox.top + bbox.height - 9 * ratio);
      pen.fillStyle = token(`--${classToken(limit.water_class)}`);
      pen.fillRect(bbox.left, middle - 8 * ratio, wide, 16 * ratio);
      pen.lineWidth = ratio;
      pen.strokeStyle = token("--water-casing");
      pen.strokeRect(bbox.left + 0.5, middle - 8 * ratio, wide, 16 * ratio);
      pen.fillStyle = token("--water-ink");
      pen.textBaseline = "middle";
      pen.textAlign = "left";
      pen.fillText(text, bbox.left + 4 * ratio, middle + ratio);
    }
    pen.restore();
  };

  const flags = (plot: uPlot): void => {
    const { ctx: pen, bbox } = plot;
    const ratio = devicePixelRatio;
    pen.save();
    pen.lineWidth = 1.5 * ratio;
    pen.strokeStyle = ink;
    pen.fillStyle = token("--paper");
    for (const { time, value } of series.marks) {
      const x = plot.valToPos(time, "x", true);
      // A flag without a value stands at the foot of the chart, where nothing else is drawn.
      const y = value === null ? bbox.top + bbox.height - 6 * ratio : plot.valToPos(value, "y", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      pen.beginPath();
      pen.moveTo(x, y - 5 * ratio);
      pen.lineTo(x + 5 * ratio, y);
      pen.lineTo(x, y + 5 * ratio);
      pen.lineTo(x - 5 * ratio, y);
      pen.closePath();
      pen.fill();
      pen.stroke();
    }
    pen.restore();
  };

  return new uPlot(
    {
      width,
      height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 8, fill: line } },
      scales: { x: { time: true }, y: { range: () => rangeOf(series) } },
      series: [{}, { stroke: line, width: 2, spanGaps: false, points: { show: times.length < 80, size: 5, fill: line } }],
      axes: [
        { stroke: soft, grid, ticks: grid, font: FONT, space: 64, values: (_plot, splits, _axis, _space, step) => label(splits, step) },
        { stroke: soft, grid, ticks: grid, font: FONT, size: 52 },
      ],
      tzDate: (second) => uPlot.tzDate(new Date(second * 1000), countyZone()),
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select;
            if (wide >= LEAST_DRAG) onZoom(plot.posToVal(left, "x"), plot.posToVal(left + wide, "x"));
            if (wide > 0) plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        drawAxes: [limits],
        draw: [flags],
        setCursor: [
          (plot) => {
            const index = plot.cursor.idx;
            const place = index === null || index === undefined ? -1 : (places[index] ?? -1);
            onPoint(place >= 0 ? place : null);
          },
        ],
      },
    },
    [times, values],
    holder,
  );
}
