// How addresses name pictures.

import type { Album } from "./albums.ts";
import type { Picture } from "./pictures.ts";

/** Return how addresses of comparisons name a picture: by its number in the album, or by the name of the sample. */
export const comparisonId = (picture: Picture, album: Album | undefined): string =>
  picture.sample ?? String((album?.pictures.indexOf(picture) ?? -1) + 1);
