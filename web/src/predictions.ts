// Predictions for many pictures, requested a few pictures at a time.

import { useEffect, useRef, useState } from "preact/hooks";

import { type Picture, prepareUpload, thumbnailUrl } from "./pictures.ts";
import { errorMessage, type Labels, type Prediction, type PredictionError, predictMany } from "./service.ts";

const PICTURES_PER_REQUEST = 8;
const CONCURRENT_REQUESTS = 2; // the next pictures are prepared while the service processes the previous ones
const MAX_BYTES_FRACTION = 0.8; // of the service's limit; the rest is for the multipart encoding

export interface Entry {
  picture: Picture;
  thumbnail?: string;
  result?: Prediction | PredictionError;
}

export interface Predictions {
  entries: Entry[];
  error: string;
  /** Request the missing predictions again, after an error. */
  retry: () => void;
}

function* batches(pictures: Picture[], maxPictures: number, maxBytes: number): Generator<Picture[]> {
  let batch: Picture[] = [];
  let bytes = 0;
  for (const picture of pictures) {
    if (batch.length && (batch.length === maxPictures || bytes + picture.file.size > maxBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(picture);
    bytes += picture.file.size;
  }
  if (batch.length) yield batch;
}

/** Classify all pictures and make their thumbnails. A single picture is left to the detail view. */
export function usePredictions(pictures: Picture[], labels: Labels | undefined): Predictions {
  const entries = useRef(new Map<number, Entry>());
  const [, render] = useState(0);
  const [error, setError] = useState("");
  const [attempt, setAttempt] = useState(0);

  useEffect(
    () => () => {
      for (const { thumbnail } of entries.current.values()) if (thumbnail) URL.revokeObjectURL(thumbnail);
      entries.current.clear();
    },
    [pictures],
  );

  useEffect(() => {
    setError("");
    if (pictures.length < 2 || !labels) return;
    const controller = new AbortController();
    const { signal } = controller;
    const update = (picture: Picture, fields: Partial<Entry>) => {
      if (signal.aborted) return;
      entries.current.set(picture.id, { ...entries.current.get(picture.id), picture, ...fields });
      render((n) => n + 1);
    };
    const pending = pictures.filter(({ id }) => !entries.current.get(id)?.result);
    const { max_images, max_bytes } = labels.limits;
    const queue = batches(pending, Math.min(PICTURES_PER_REQUEST, max_images), MAX_BYTES_FRACTION * max_bytes);
    const work = async () => {
      for (const batch of queue) {
        const thumbnails = batch.map(async (picture) => {
          if (entries.current.get(picture.id)?.thumbnail) return;
          update(picture, { thumbnail: await thumbnailUrl(picture.file).catch(() => "") });
        });
        const uploads = await Promise.all(batch.map(({ file }) => prepareUpload(file)));
        const results = await predictMany(uploads, signal);
        results.forEach((result, i) => update(batch[i]!, { result }));
        await Promise.all(thumbnails);
      }
    };
    Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, work)).catch((problem: unknown) => {
      if (signal.aborted) return;
      setError(errorMessage(problem));
      controller.abort();
    });
    return () => controller.abort();
  }, [pictures, labels, attempt]);

  return {
    entries: pictures.map((picture) => entries.current.get(picture.id) ?? { picture }),
    error,
    retry: () => setAttempt((n) => n + 1),
  };
}
