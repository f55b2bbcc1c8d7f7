// The albums that were opened in this tab, so that Back returns to them.

import { AlbumLoader } from "./album-loader.ts";
import { discard, keep, loadKept, startStorage } from "./album-storage.ts";
import { createPicture, type Picture } from "./pictures.ts";
import { SAMPLES } from "./samples.ts";

/** How many of the files that were chosen are not part of the album. */
export interface LeftOut {
  videos: number;
  others: number;
  /** Pictures that had not been classified when the page was loaded again. */
  unfinished?: number;
}

export interface Album {
  id: string;
  pictures: Picture[];
  leftOut: LeftOut;
  loader: AlbumLoader;
}

const MAX_ALBUMS = 5; // the oldest ones are forgotten, so that their files and thumbnails can be released
const NOTHING: LeftOut = { videos: 0, others: 0 };
const albums = new Map<string, Album>();
let nAlbums = 0;

/** Remember an album. Its identifier is also unique among those of earlier loads of the page. */
export function addAlbum(
  pictures: Picture[],
  { id = `${Date.now().toString(36)}-${nAlbums++}`, leftOut = NOTHING }: { id?: string; leftOut?: LeftOut } = {},
): Album {
  const album = { id, pictures, leftOut, loader: new AlbumLoader(pictures) };
  remember(album);
  if (id !== SAMPLES) keep(album); // the service has the samples
  return album;
}

function remember(album: Album): void {
  albums.set(album.id, album);
  for (const oldest of albums.keys()) {
    if (albums.size <= MAX_ALBUMS) break;
    forgetAlbum(oldest);
  }
}

/** Return an album that was open before the page was loaded again, or undefined. */
export async function restoreAlbum(id: string): Promise<Album | undefined> {
  const kept = albums.has(id) ? undefined : await loadKept(id);
  if (!kept || albums.has(id)) return albums.get(id);
  const { header, pictures: known } = kept;
  const pictures = known.map(({ name, upload }) => createPicture(name, upload));
  const unfinished = header.nPictures - pictures.length;
  const album = { id, pictures, leftOut: { ...header.leftOut, unfinished }, loader: new AlbumLoader(pictures) };
  if (pictures.length > 1) {
    const url = (content: Blob | boolean, upload: Blob) =>
      content === false ? "" : URL.createObjectURL(content === true ? upload : content);
    album.loader.restore(
      known.map(({ upload, thumbnail, result }) => ({ thumbnail: url(thumbnail, upload), ...(result && { result }) })),
    );
  }
  remember(album);
  return album;
}

/** Forget an album and release its thumbnails. */
export function forgetAlbum(id: string): void {
  albums.get(id)?.loader.dispose();
  albums.delete(id);
  void discard(id);
}

export const findAlbum = (id: string | undefined): Album | undefined =>
  id === undefined ? undefined : albums.get(id);

startStorage();
