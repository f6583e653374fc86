/** A photo on its way to the server: made small enough for a mountain line, with its own name and the place of the shutter. */
import { post } from "../../client/ask";
import type { Attachment } from "../../client/types";
import type { Fix, NoFix } from "../whereabouts";

export interface Photo {
  uuid: string;
  url: string;
  state: "sending" | "sent" | "failed";
  why: string;
  /** Where it was taken, or why that is not known. */
  fix: Fix | NoFix | null;
}

const LONGEST_PX = 1600;
const QUALITY = 0.8;
export const LARGEST_MB = 20;

/** A JPEG of at most 1600 pixels; a file that the browser cannot read as a picture is sent as it is, and the server says what it takes. */
export async function small(file: File): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob ?? file;
  } catch {
    return file;
  }
}

export async function upload(uuid: string, file: Blob, kind: string, takenAt: Date, fix: Fix | null): Promise<Attachment> {
  const form = new FormData();
  form.set("uuid", uuid);
  form.set("kind", kind);
  form.set("taken_at", takenAt.toISOString());
  if (fix) {
    form.set("lon", String(fix.lon));
    form.set("lat", String(fix.lat));
  }
  form.set("file", file, `${uuid}.jpg`);
  return post<Attachment>("/api/attachments", form);
}
