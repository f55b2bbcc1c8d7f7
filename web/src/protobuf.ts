// Encoding and decoding of the .proto file's messages.

import { imagemood } from "./messages.js";

const { Image, ImageTagSet } = imagemood;

export interface TagRow {
  image: string;
  tag: string;
  score: number;
}

export type Message =
  { kind: "ImageTagSet"; rows: TagRow[] } | { kind: "Image"; mimeType: string; content: Uint8Array };

export const encodeImage = (mimeType: string, content: Uint8Array): Uint8Array =>
  Image.encode({ mimeType, imageBinary: content }).finish();

export const encodeRows = (rows: TagRow[]): Uint8Array =>
  ImageTagSet.encode({
    ImageTags: rows.map(({ image, tag, score }) => ({ image: Number(image), tag, score })),
  }).finish();

export function decodeRows(bytes: Uint8Array): TagRow[] {
  // Image numbers are kept as strings because a JavaScript number cannot represent every 64-bit integer.
  return ImageTagSet.decode(bytes).ImageTags.map(({ image, tag, score }) => ({
    image: String(image),
    tag: tag ?? "",
    score: score ?? 0,
  }));
}

/**
 * Decode either kind of message. Field 1 is text in an Image and a message in an ImageTagSet. Bytes that decode to rows
 * which all have a tag are an ImageTagSet; otherwise, bytes with a non-empty field 2 are an Image.
 */
export function decode(bytes: Uint8Array): Message {
  try {
    const rows = decodeRows(bytes);
    if (rows.length && rows.every(({ tag }) => tag)) return { kind: "ImageTagSet", rows };
  } catch {
    // not an ImageTagSet
  }
  try {
    const { mimeType, imageBinary } = Image.decode(bytes);
    if (imageBinary.length) return { kind: "Image", mimeType, content: imageBinary };
  } catch {
    // not an Image
  }
  throw new Error("not an Image or ImageTagSet message");
}
