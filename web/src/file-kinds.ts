// What the files are that users choose, drop or paste: pictures, videos, messages, or none of these.

export type FileKind = "picture" | "video" | "message" | "other";

const PICTURE_NAME = /\.(jpe?g|jpe|jfif|png|apng|webp|gif|bmp|tiff?|avif|hei[cf]s?|hif|jp2|jxl|svgz?|ico|ppm|pgm)$/i;
const RAW_NAME = /\.(dng|nef|cr[23]|arw|raf|orf|rw2)$/i; // camera raw files, if the service decodes them
const VIDEO_NAME = /\.(mp4|m4v|mov|webm|mkv|avi|ogv|mpe?g|3g[p2]|wmv|flv|mts|m2ts)$/i;
const MESSAGE_NAME = /\.(bin|pb|protobuf)$/i;
const MAX_EXAMINED_FILES = 20; // by their content; of more files, the name and the type are enough
const HELPER_FOLDERS = ["@eaDir", "__MACOSX", "#recycle", "$RECYCLE.BIN"];
const HEADER_BYTES = 64;

type Test = (header: string) => boolean;
const startsWith = (...starts: string[]): Test => (header) => starts.some((start) => header.startsWith(start));
const isBox = (pattern: RegExp): Test => (header) => header.startsWith("ftyp", 4) && pattern.test(header.slice(8, 12));

const PICTURE_BRANDS = /^(avif|avis|hei[cxms]|hev[cx]|mif1|msf1|jxl )/;
const PICTURE_HEADERS: Test[] = [
  startsWith("\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF8", "BM", "II*\0", "MM\0*", "\xff\x0a", "\0\0\0\x0cJXL "),
  (header) => header.startsWith("RIFF") && header.startsWith("WEBP", 8),
  isBox(PICTURE_BRANDS),
  (header) => /^\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(header) && /<svg|svg/i.test(header),
];
const VIDEO_HEADERS: Test[] = [
  startsWith("\x1aE\xdf\xa3", "OggS", "\0\0\x01\xba", "\0\0\x01\xb3"),
  (header) => header.startsWith("RIFF") && header.startsWith("AVI ", 8),
  (header) => header.startsWith("ftyp", 4) && !PICTURE_BRANDS.test(header.slice(8, 12)),
  (header) => header.startsWith("moov", 4) || header.startsWith("mdat", 4),
];

/** Return whether a folder, by its name, is hidden or contains only copies that a program made. */
export const isHelperFolder = (name: string): boolean => name.startsWith(".") || HELPER_FOLDERS.includes(name);

/** Return whether a file is hidden, such as those of macOS for resources, or in a folder that is. */
function isHidden({ name, webkitRelativePath }: File): boolean {
  const folders = webkitRelativePath.split("/").slice(1, -1); // without the folder that was chosen
  return name.startsWith(".") || folders.some(isHelperFolder);
}

/** Return what a file is by its type and name, which browsers know without reading it. */
export function kindByName(file: File): FileKind {
  const { name, type } = file;
  if (isHidden(file)) return "other";
  if (type.startsWith("video/") || VIDEO_NAME.test(name)) return "video";
  if (type.startsWith("image/") || PICTURE_NAME.test(name) || RAW_NAME.test(name)) return "picture";
  return MESSAGE_NAME.test(name) ? "message" : "other";
}

/** Return what a file is by its first bytes, or undefined if they are not those of a known format. */
async function kindByContent(file: File): Promise<FileKind | undefined> {
  try {
    const bytes = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
    const header = String.fromCharCode(...bytes);
    if (PICTURE_HEADERS.some((test) => test(header))) return "picture";
    if (VIDEO_HEADERS.some((test) => test(header))) return "video";
  } catch {
    // The file cannot be read, which is reported when it is used.
  }
  return undefined;
}

export type SortedFiles = Record<FileKind, File[]>;

/** Sort files by what they are. The content of a few files decides, or that of files whose names say nothing. */
export async function sortFiles(files: File[]): Promise<SortedFiles> {
  const sorted: SortedFiles = { picture: [], video: [], message: [], other: [] };
  const kinds = await Promise.all(
    files.map(async (file) => {
      const named = kindByName(file);
      const isUnnamed = named === "other" && !/\.\w+$/.test(file.name);
      const needsContent = !isHidden(file) && (files.length <= MAX_EXAMINED_FILES || isUnnamed);
      return needsContent ? ((await kindByContent(file)) ?? named) : named;
    }),
  );
  kinds.forEach((kind, i) => sorted[kind].push(files[i]!));
  return sorted;
}
