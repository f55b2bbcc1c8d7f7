// Pictures that users choose, paste or drop, and their preparation for upload.

import { isHelperFolder, kindByName } from "./file-kinds.ts";
import { reduceInWorker } from "./reducer.ts";
import type { Reduced } from "./reduction.ts";
import { isVectorGraphic, rasterize } from "./svg.ts";
import { picture as texts } from "./texts.ts";

export const JSON_TYPE = "application/json"; // of a picture that the service fetches from an address

export interface Picture {
  /** Unique, unlike the name: files in different folders may have the same name. */
  id: number;
  name: string;
  file: Blob;
  /** Author and licence of a sample picture; empty for the user's own pictures. */
  credit: string;
  /** The name of a sample in its address. */
  sample: string | undefined;
}

let nextId = 0;

export const createPicture = (name: string, file: Blob, credit = "", sample?: string): Picture => ({
  id: nextId++,
  name,
  file,
  credit,
  sample,
});

/** Input side of the built-in network. */
export const NETWORK_SIDE_PX = 224;

export const isPictureFile = (file: File): boolean => kindByName(file) === "picture";

export function encodeJpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const onBlob = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new Error(texts.cannotEncode));
    canvas.toBlob(onBlob, "image/jpeg", quality);
  });
}

/** Return the file to upload: the picture itself, or a smaller JPEG if the picture is large. */
export async function prepareUpload(file: Blob): Promise<Blob> {
  return (await prepare(file, false)).upload;
}

/** Return the file to upload and, on request, a thumbnail. Rejects if the file cannot be read. */
export async function prepare(file: Blob, needsThumbnail: boolean): Promise<Reduced> {
  if (file.type === JSON_TYPE) return { upload: file, thumbnail: undefined };
  return reduceInWorker(isVectorGraphic(file) ? await rasterize(file) : file, needsThumbnail);
}

export const pictureFromFile = (file: File): Picture => createPicture(file.webkitRelativePath || file.name, file);

export const picturesFromFiles = (files: Iterable<File>): Picture[] =>
  Array.from(files).filter(isPictureFile).map(pictureFromFile);

/** Create a picture that the service fetches from an address: the upload is the request that names the address. */
export function pictureFromAddress(address: string): Picture {
  const request = JSON.stringify({ images: [{ url: address }] });
  return createPicture(address, new Blob([request], { type: JSON_TYPE }));
}

/** Return all dropped files, including those inside dropped folders. */
export async function filesFromDrop(transfer: DataTransfer): Promise<File[]> {
  // Read the entries before the first await: the browser empties the list when the event handler returns.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Array.from(transfer.files);
  return (await Promise.all(entries.map(filesInEntry))).flat();
}

async function filesInEntry(entry: FileSystemEntry): Promise<File[]> {
  try {
    if (entry.isFile) {
      return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
    }
    if (isHelperFolder(entry.name)) return [];
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    const children: FileSystemEntry[] = [];
    for (;;) {
      // Chromium returns at most 100 entries per call.
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) break;
      children.push(...batch);
    }
    return (await Promise.all(children.map(filesInEntry))).flat();
  } catch {
    return [new File([], entry.name)]; // it cannot be read; an empty file in its place is counted and reported
  }
}
