// Messages of the .proto, with the classes that are generated from it.

import { imagemood } from "./messages.js";

const { Image, ImageTagSet } = imagemood;

export interface Row {
  image: string;
  tag: string;
  score: number;
}

export type Decoded =
  { kind: "ImageTagSet"; rows: Row[] } | { kind: "Image"; mimeType: string; content: Uint8Array };

export const encodeImage = (mimeType: string, content: Uint8Array): Uint8Array =>
  Image.encode({ mimeType, imageBinary: content }).finish();

export const encodeRows = (rows: Row[]): Uint8Array =>
  ImageTagSet.encode({
    ImageTags: rows.map(({ image, tag, score }) => ({ image: Number(image), tag, score })),
  }).finish();

export function decodeRows(bytes: Uint8Array): Row[] {
  // 64-bit numbers are shown in full, whatever the language's own numbers can hold.
  return ImageTagSet.decode(bytes).ImageTags.map(({ image, tag, score }) => ({
    image: String(image),
    tag: tag ?? "",
    score: score ?? 0,
  }));
}

/**
 * Tell which of the messages bytes are. Both have one field 1: text in an Image, a message in an ImageTagSet. What
 * reads as rows that all have a tag are rows; otherwise a field 2 of some content makes it an image.
 */
export function decode(bytes: Uint8Array): Decoded {
  try {
    const rows = decodeRows(bytes);
    if (rows.length && rows.every(({ tag }) => tag)) return { kind: "ImageTagSet", rows };
  } catch {
    // not rows
  }
  try {
    const { mimeType, imageBinary } = Image.decode(bytes);
    if (imageBinary.length) return { kind: "Image", mimeType, content: imageBinary };
  } catch {
    // no image either
  }
  throw new Error("These bytes are neither an Image nor an ImageTagSet.");
}
