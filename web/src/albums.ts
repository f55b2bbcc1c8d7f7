// The albums that were opened in this tab, so that Back returns to them.

import type { Picture } from "./pictures.ts";

export interface Album {
  id: string;
  pictures: Picture[];
}

const MAX_ALBUMS = 5; // the oldest ones are forgotten, so that their files and thumbnails can be released
const albums = new Map<string, Album>();
let nAlbums = 0;

/** Remember an album. Its identifier is also unique among those of earlier loads of the page. */
export function addAlbum(pictures: Picture[], id = `${Date.now().toString(36)}-${nAlbums++}`): Album {
  const album = { id, pictures };
  albums.set(id, album);
  for (const oldest of albums.keys()) {
    if (albums.size <= MAX_ALBUMS) break;
    albums.delete(oldest);
  }
  return album;
}

export const findAlbum = (id: string | undefined): Album | undefined =>
  id === undefined ? undefined : albums.get(id);
