// Previews of pictures that the browser cannot display, such as TIFF and HEIC files.

import { mediaType, request } from "./service.ts";

/** Return the picture as a JPEG that the service makes. */
export async function fetchPreview(picture: Blob, signal: AbortSignal): Promise<Blob> {
  const headers = { "Content-Type": mediaType(picture) };
  return (await request("v1/preview", { method: "POST", body: picture, headers, signal })).blob();
}
