// Many pictures, told a few at a time.

import { useEffect, useRef, useState } from "preact/hooks";

import { type Picture, readyToSend, thumbnailOf } from "./pictures.ts";
import { type Failed, type Labels, said, tellMany, type Told } from "./service.ts";

const IN_A_REQUEST = 8;
const AT_ONCE = 2; // requests: while one is answered, the next pictures are made ready
const SHARE_OF_BYTES = 0.8; // of what a request may hold; the rest is for what surrounds pictures in it

export interface Entry {
  picture: Picture;
  thumbnail?: string;
  answer?: Told | Failed;
}

export interface Album {
  entries: Entry[];
  error: string;
  /** Ask for what is not told yet, after an error. */
  goOn: () => void;
}

function* groups(pictures: Picture[], n: number, bytes: number): Generator<Picture[]> {
  let group: Picture[] = [];
  let size = 0;
  for (const picture of pictures) {
    if (group.length && (group.length === n || size + picture.file.size > bytes)) {
      yield group;
      [group, size] = [[], 0];
    }
    group.push(picture);
    size += picture.file.size;
  }
  if (group.length) yield group;
}

/** Have all pictures told; entries get thumbnails and answers as they come. A single picture is no album. */
export function useAlbum(pictures: Picture[], labels: Labels | undefined): Album {
  const known = useRef(new Map<number, Entry>());
  const [, redraw] = useState(0);
  const [error, setError] = useState("");
  const [attempt, setAttempt] = useState(0);

  useEffect(
    () => () => {
      for (const { thumbnail } of known.current.values()) if (thumbnail) URL.revokeObjectURL(thumbnail);
      known.current.clear();
    },
    [pictures],
  );

  useEffect(() => {
    setError("");
    if (pictures.length < 2 || !labels) return;
    const control = new AbortController();
    const { signal } = control;
    const learn = (picture: Picture, fields: Partial<Entry>) => {
      if (signal.aborted) return;
      known.current.set(picture.id, { ...known.current.get(picture.id), picture, ...fields });
      redraw((n) => n + 1);
    };
    const untold = pictures.filter(({ id }) => !known.current.get(id)?.answer);
    const { max_images, max_bytes } = labels.limits;
    const todo = groups(untold, Math.min(IN_A_REQUEST, max_images), SHARE_OF_BYTES * max_bytes);
    const work = async () => {
      for (const group of todo) {
        const showing = group.map(async (picture) => {
          if (known.current.get(picture.id)?.thumbnail) return;
          learn(picture, { thumbnail: await thumbnailOf(picture.file).catch(() => "") });
        });
        const ready = await Promise.all(group.map(({ file }) => readyToSend(file)));
        const answers = await tellMany(ready, signal);
        answers.forEach((answer, i) => learn(group[i]!, { answer }));
        await Promise.all(showing);
      }
    };
    Promise.all(Array.from({ length: AT_ONCE }, work)).catch((problem: unknown) => {
      if (signal.aborted) return;
      setError(said(problem));
      control.abort();
    });
    return () => control.abort();
  }, [pictures, labels, attempt]);

  return {
    entries: pictures.map((picture) => known.current.get(picture.id) ?? { picture }),
    error,
    goOn: () => setAttempt((n) => n + 1),
  };
}
