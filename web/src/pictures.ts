// Pictures as people give them: files, folders, what is pasted or dropped; and how they are made ready to send.

export interface Picture {
  /** Names may be the same in several folders; this never is. */
  id: number;
  name: string;
  file: Blob;
  /** Whom to thank, where it is a sample. */
  credit: string;
}

let n_pictures = 0;

export const pictureOf = (name: string, file: Blob, credit = ""): Picture => ({
  id: n_pictures++,
  name,
  file,
  credit,
});

const SEND_AS_IT_IS_BYTES = 1_500_000;
const SENT_SIDE_PX = 1024;
const JPEG_QUALITY = 0.92;
const THUMBNAIL_PX = 360;
/** The side that the built-in network looks at. */
export const SEEN_PX = 224;

const NAMES = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic)$/i;

export const looksLikePicture = (file: File): boolean => file.type.startsWith("image/") || NAMES.test(file.name);

async function drawn(file: Blob, side: number): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  try {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(scale * bitmap.width));
    canvas.height = Math.max(1, Math.round(scale * bitmap.height));
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white"; // what the service lays transparent pictures on
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await jpegOf(canvas, JPEG_QUALITY);
  } finally {
    bitmap.close();
  }
}

export function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new Error("This frame cannot be encoded."));
    canvas.toBlob(done, "image/jpeg", quality);
  });
}

/**
 * Make a picture ready to send. Files of an ordinary size go as they are. The network looks at 224 × 224 pixels, so
 * that a larger one can be brought to 1024 pixels first with little change to the answer, and is sent many times faster.
 */
export async function readyToSend(file: Blob): Promise<Blob> {
  if (file.size <= SEND_AS_IT_IS_BYTES) return file;
  try {
    const small = await drawn(file, SENT_SIDE_PX);
    return small.size < file.size ? small : file;
  } catch {
    return file; // a format that the browser cannot read; the service may, or says why not
  }
}

/** A small view, so that a gallery of hundreds of photos does not hold them all decoded. */
export async function thumbnailOf(file: Blob): Promise<string> {
  return URL.createObjectURL(await drawn(file, THUMBNAIL_PX));
}

export function fromFiles(files: Iterable<File>): Picture[] {
  return Array.from(files)
    .filter((file) => looksLikePicture(file) && !file.name.startsWith("."))
    .map((file) => pictureOf(file.webkitRelativePath || file.name, file));
}

/** Files among what was dropped, those in folders too. */
export async function fromDrop(dropped: DataTransfer): Promise<File[]> {
  // The entries must be taken before anything is awaited: the list is emptied when the event is over.
  const entries = Array.from(dropped.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Array.from(dropped.files);
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // One call gives a hundred entries at most.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesIn))).flat();
}
