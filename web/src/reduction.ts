// Reduces pictures to the size at which they are uploaded, and makes thumbnails. Runs in workers, where it does not
// delay the page, and in the page itself where workers cannot be started.

import { imageDimensionsFromData } from "image-dimensions";

// Larger pictures are reduced: the input of the network has 224 × 224 pixels, so a reduced picture evokes nearly the
// same moods, but is uploaded and decoded several times faster.
const MAX_UNCHANGED_BYTES = 300_000;
const MAX_UNCHANGED_SIDE_PX = 1500;
const UPLOAD_SIDE_PX = 1024;
const UPLOAD_QUALITY = 0.97; // a lower quality changes the moods of noisy photos more
const THUMBNAIL_SIDE_PX = 360;
const THUMBNAIL_QUALITY = 0.8;
const STILL_TYPES = ["image/jpeg", "image/png"]; // other formats may be animated

export interface Reduced {
  /** The picture to upload: the file itself if it is small, or if the browser cannot decode it. */
  upload: Blob;
  /** A small picture to display; the file itself if it is small, undefined if the browser cannot decode it. */
  thumbnail: Blob | undefined;
}

/** Return what to upload, and on request what to display as a thumbnail; rejects if the file cannot be read. */
export async function reduce(file: Blob, needsThumbnail: boolean): Promise<Reduced> {
  const isSmall = file.size <= MAX_UNCHANGED_BYTES && (await longerSide(file)) <= MAX_UNCHANGED_SIDE_PX;
  const isThumbnail = isSmall && STILL_TYPES.includes(file.type);
  if (isSmall && (isThumbnail || !needsThumbnail)) return { upload: file, thumbnail: file };
  const bitmap = await decode(file);
  if (!bitmap) return { upload: file, thumbnail: undefined };
  try {
    const isLarge = file.size > MAX_UNCHANGED_BYTES || Math.max(bitmap.width, bitmap.height) > MAX_UNCHANGED_SIDE_PX;
    const reduced = draw(bitmap, isLarge || !needsThumbnail ? UPLOAD_SIDE_PX : THUMBNAIL_SIDE_PX);
    const thumbnail = needsThumbnail
      ? await encode(isLarge ? draw(reduced, THUMBNAIL_SIDE_PX) : reduced, THUMBNAIL_QUALITY)
      : undefined;
    return { upload: isLarge ? await encode(reduced, UPLOAD_QUALITY) : file, thumbnail };
  } finally {
    bitmap.close();
  }
}

/** Return the longer side in pixels, or infinity if it can only be found by decoding the picture. */
async function longerSide(file: Blob): Promise<number> {
  const size = imageDimensionsFromData(new Uint8Array(await file.arrayBuffer()));
  return size ? Math.max(size.width, size.height) : Infinity;
}

async function decode(file: Blob): Promise<ImageBitmap | undefined> {
  try {
    return await createImageBitmap(file);
  } catch {
    await file.slice(0, 1).arrayBuffer(); // rejects if the file no longer exists
    return undefined;
  }
}

/** Draw a picture so that its longer side has at most `maxSide` pixels. */
function draw(source: ImageBitmap | OffscreenCanvas, maxSide: number): OffscreenCanvas {
  const scale = Math.min(1, maxSide / Math.max(source.width, source.height));
  const width = Math.max(1, Math.round(scale * source.width));
  const height = Math.max(1, Math.round(scale * source.height));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false })!;
  context.fillStyle = "white"; // the background that the service uses for transparent pictures
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return canvas;
}

const encode = (canvas: OffscreenCanvas, quality: number): Promise<Blob> =>
  canvas.convertToBlob({ type: "image/jpeg", quality });
