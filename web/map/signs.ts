/** The marks that stand on the map, drawn on a canvas with the reader's own fonts: no sprite and no glyph is fetched. */
import { token } from "./tokens";

const SCALE = 2;
const FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';

export interface Sign {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

function draw(width: number, height: number, paint: (pen: CanvasRenderingContext2D) => void): Sign {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil(height * SCALE);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no 2d canvas");
  pen.scale(SCALE, SCALE);
  paint(pen);
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  return { width: image.width, height: image.height, data: image.data };
}

export const pixelRatio = SCALE;

/** A plate with words on it: the numeral of a class, the count of open cases, days since the last patrol. */
export function plate(text: string, fill: string, ink: string, size: "small" | "large"): Sign {
  const font = `600 ${size === "large" ? 13 : 11}px ${FONT}`;
  const measure = document.createElement("canvas").getContext("2d");
  if (measure) measure.font = font;
  const high = size === "large" ? 20 : 16;
  const wide = Math.max(high, (measure?.measureText(text).width ?? 12) + 8);
  return draw(wide + 2, high + 2, (pen) => {
    pen.beginPath();
    pen.roundRect(1, 1, wide, high, 4);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = token("--water-casing");
    pen.stroke();
    pen.font = font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = ink;
    pen.fillText(text, wide / 2 + 1, high / 2 + 1.5);
  });
}

const SHAPES: Record<string, (pen: CanvasRenderingContext2D) => void> = {
  // A gate across the river: where the law grades
  section: (pen) => {
    pen.rect(4, 4, 10, 10);
  },
  // A mast: where an instrument stands
  station: (pen) => {
    pen.arc(9, 9, 5.5, 0, 7);
  },
  // Pointing into the river
  outfall: (pen) => {
    pen.moveTo(3, 4);
    pen.lineTo(15, 4);
    pen.lineTo(9, 15);
    pen.closePath();
  },
  // Pointing out of it
  intake: (pen) => {
    pen.moveTo(3, 14);
    pen.lineTo(15, 14);
    pen.lineTo(9, 3);
    pen.closePath();
  },
  // A drop: water that people drink
  source: (pen) => {
    pen.moveTo(9, 2);
    pen.bezierCurveTo(16, 9, 14, 16, 9, 16);
    pen.bezierCurveTo(4, 16, 2, 9, 9, 2);
  },
};

export const PLACE_KINDS = Object.keys(SHAPES);

/** The shape of a kind of place; kinds differ by shape, never by colour alone. */
export function placeSign(kind: string): Sign {
  return draw(18, 18, (pen) => {
    pen.beginPath();
    (SHAPES[kind] ?? SHAPES.station)?.(pen);
    pen.fillStyle = token("--paper");
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = token("--ink");
    pen.stroke();
  });
}

/** A small chevron that points downstream. */
export function flowSign(): Sign {
  return draw(10, 10, (pen) => {
    pen.beginPath();
    pen.moveTo(3, 1.5);
    pen.lineTo(7, 5);
    pen.lineTo(3, 8.5);
    pen.lineWidth = 1.6;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = token("--ink");
    pen.stroke();
  });
}

/** Where a problem is: a pin with a hole. */
export function pinSign(): Sign {
  return draw(26, 34, (pen) => {
    pen.beginPath();
    pen.moveTo(13, 32);
    pen.bezierCurveTo(4, 21, 2, 17, 2, 13);
    pen.arc(13, 13, 11, Math.PI, 0);
    pen.bezierCurveTo(24, 17, 22, 21, 13, 32);
    pen.fillStyle = token("--river");
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = token("--paper");
    pen.stroke();
    pen.beginPath();
    pen.arc(13, 13, 4, 0, 7);
    pen.fillStyle = token("--paper");
    pen.fill();
  });
}
