/** Where this device is, read when a photo is taken: browsers strip the position from the photos themselves. */

export interface Fix {
  lon: number;
  lat: number;
  accuracy_m: number;
}

/** Why there is no position: the page may not ask, the reader said no, or the device found none in time. */
export type NoFix = "insecure" | "denied" | "unavailable";

const WAIT_MS = 10_000;

export function whereAmI(): Promise<Fix | NoFix> {
  if (!window.isSecureContext || !navigator.geolocation) return Promise.resolve("insecure");
  return new Promise((found) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy }),
      (trouble) => found(trouble.code === trouble.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 15_000 },
    );
  });
}
