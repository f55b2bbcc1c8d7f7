// Pictures that users choose, paste or drop, and their preparation for upload.

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

const MAX_UNCHANGED_BYTES = 1_500_000;
const UPLOAD_SIDE_PX = 1024;
const JPEG_QUALITY = 0.92;
const THUMBNAIL_SIDE_PX = 360;
/** Input side of the built-in network. */
export const NETWORK_SIDE_PX = 224;

const FILE_NAME = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic)$/i;

export const isPictureFile = (file: File): boolean =>
  file.type.startsWith("image/") || FILE_NAME.test(file.name);

async function resizedJpeg(file: Blob, maxSide: number): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  try {
    const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(scale * bitmap.width));
    canvas.height = Math.max(1, Math.round(scale * bitmap.height));
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white"; // the background that the service uses for transparent pictures
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await encodeJpeg(canvas, JPEG_QUALITY);
  } finally {
    bitmap.close();
  }
}

export function encodeJpeg(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const onBlob = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new Error("The picture could not be encoded."));
    canvas.toBlob(onBlob, "image/jpeg", quality);
  });
}

/**
 * Return the file to upload: the picture itself, or a smaller JPEG if the file is large. The network's input is
 * 224 × 224 pixels, so reducing a picture to 1024 pixels hardly changes the prediction but uploads many times faster.
 */
export async function prepareUpload(file: Blob): Promise<Blob> {
  if (file.size <= MAX_UNCHANGED_BYTES) return file;
  try {
    const jpeg = await resizedJpeg(file, UPLOAD_SIDE_PX);
    return jpeg.size < file.size ? jpeg : file;
  } catch {
    return file; // the browser cannot decode this format, but the service may
  }
}

/** Return an object URL of a thumbnail, so that a gallery of hundreds of photos stays small in memory. */
export async function thumbnailUrl(file: Blob): Promise<string> {
  return URL.createObjectURL(await resizedJpeg(file, THUMBNAIL_SIDE_PX));
}

export function picturesFromFiles(files: Iterable<File>): Picture[] {
  return Array.from(files)
    .filter((file) => isPictureFile(file) && !file.name.startsWith("."))
    .map((file) => createPicture(file.webkitRelativePath || file.name, file));
}

/** Return all dropped files, including those inside dropped folders. */
export async function filesFromDrop(transfer: DataTransfer): Promise<File[]> {
  // Read the entries before the first await: the browser empties the list when the event handler returns.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Array.from(transfer.files);
  return (await Promise.all(entries.map(filesInEntry))).flat();
}

async function filesInEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // Chromium returns at most 100 entries per call.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) break;
    children.push(...batch);
  }
  return (await Promise.all(children.map(filesInEntry))).flat();
}
