// Changes of albums that can be undone: a picture that was removed, an album that was closed or replaced.

import { useEffect, useRef, useState } from "preact/hooks";

import { type Album, findAlbum } from "./albums.ts";
import type { Picture } from "./pictures.ts";
import { navigate, type Route } from "./router.ts";
import { SAMPLES } from "./samples.ts";
import { albumChanges as texts } from "./texts.ts";
import { addStep, discardStep, type Step } from "./undo.ts";

const NONE: ReadonlySet<Picture> = new Set();
const removed = new WeakMap<Album, ReadonlySet<Picture>>();
const listeners = new Set<() => void>();

function setRemoved(album: Album, pictures: ReadonlySet<Picture>): void {
  removed.set(album, pictures);
  for (const listener of [...listeners]) listener();
}

/** Remove a picture from an album. The others keep their numbers, so that their addresses remain valid. */
export function removePicture(album: Album, picture: Picture): void {
  setRemoved(album, new Set([...(removed.get(album) ?? NONE), picture]));
  addStep(texts.removed(picture.name.split("/").at(-1)!), () => {
    const remaining = new Set(removed.get(album));
    remaining.delete(picture);
    setRemoved(album, remaining);
  });
}

/** Return the pictures that were removed from an album, and render the component again when others are. */
export function useRemoved(album: Album | undefined): ReadonlySet<Picture> {
  const [, render] = useState(0);
  useEffect(() => {
    const update = () => render((n) => n + 1);
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return (album && removed.get(album)) ?? NONE;
}

const isAlbumView = ({ view }: Route): boolean => view === "album" || view === "picture";

/** Offer to undo that the user's album was closed, or replaced by another one. */
export function useAlbumUndo(route: Route): void {
  const last = useRef<{ route: Route; hash: string }>(undefined);
  const offered = useRef<{ step: Step; album: string }>(undefined);
  useEffect(() => {
    const before = last.current;
    last.current = { route, hash: location.hash };
    if (offered.current && isAlbumView(route) && route.album === offered.current.album) {
      discardStep(offered.current.step); // the album is open again
      offered.current = undefined;
    }
    if (!before || !isAlbumView(before.route)) return;
    const album = findAlbum(before.route.album);
    const isClosed = route.view === "";
    const isReplaced = isAlbumView(route) && route.album !== before.route.album;
    if (!album || album.id === SAMPLES || (!isClosed && !isReplaced)) return;
    if (offered.current) discardStep(offered.current.step);
    const text = (isClosed ? texts.closed : texts.replaced)(album.pictures.length);
    const step = addStep(text, () => void navigate(before.hash, { album: album.id }));
    offered.current = { step, album: album.id };
  }, [route]);
}
