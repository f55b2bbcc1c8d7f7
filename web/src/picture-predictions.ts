// The predictions that the view of one picture displays.

import { useState } from "preact/hooks";

import { useRequest } from "./hooks.ts";
import { loadPaintable, paintedFile } from "./painting.ts";
import { aboutPicture } from "./picture-errors.ts";
import type { Picture } from "./pictures.ts";
import { fetchPreview } from "./preview.ts";
import { type Labels, predict, type Prediction } from "./service.ts";
import type { WhatIf } from "./what-if.ts";

const N_TAGS = 200; // more than are displayed, so that tags with low scores but large contributions are included

export interface DetailPredictions {
  /** The prediction for the picture itself. */
  original: Prediction | undefined;
  /** The prediction that changes are compared with: the original one, or that from the tags alone. */
  baseline: Prediction | undefined;
  /** The prediction with all changes. */
  current: Prediction | undefined;
  isLoading: boolean;
  error: string;
  retry: () => void;
}

/** Request the predictions for a picture: the original one, and those that answer the what-if questions. */
export function useDetailPredictions(
  picture: Picture,
  upload: Promise<Blob>,
  pixels: HTMLCanvasElement | undefined,
  labels: Labels,
  mood: string | undefined,
  { tagsOff, strokes, fill, tagsOnly }: WhatIf,
): DetailPredictions {
  const tags = labels.tags.length > 0 ? N_TAGS : 0; // some networks compute no tags
  const about = <T>(send: () => Promise<T>) => aboutPicture(picture.name, send);
  const original = useRequest(
    (signal) => about(async () => predict(await upload, { tags, explain: "all", mood }, signal)),
    [mood],
  );
  const explained = mood ?? original.value?.explanation?.mood;
  const fromTags = useRequest(
    (signal) =>
      about(async () =>
        tagsOnly
          ? predict(await upload, { tags, explain: "tags", mood: explained, tags_only: true }, signal)
          : undefined,
      ),
    [tagsOnly, explained],
  );
  const changed = useRequest(
    (signal) =>
      about(async () => {
        if (!tagsOff.size && !strokes.length) return undefined;
        if (strokes.length && !pixels) return undefined; // the pixels are being loaded
        const { max_bytes: maxBytes } = labels.limits;
        const file = strokes.length && pixels ? await paintedFile(pixels, fill, strokes, maxBytes) : await upload;
        const explain = tags ? ("tags" as const) : undefined;
        const options = { explain, mood: explained, without: tagsOff, tags_only: tagsOnly };
        return { tagsOnly, prediction: await predict(file, options, signal) };
      }),
    [tagsOff, strokes, strokes.length > 0 && pixels, fill, tagsOnly, explained],
  );
  const baseline = (tagsOnly ? fromTags.value : undefined) ?? original.value;
  // Until the new prediction arrives, the previous one is displayed, unless another model computed it.
  const previous = changed.value?.tagsOnly === tagsOnly ? changed.value.prediction : undefined;
  const requests = [original, fromTags, changed];
  return {
    original: original.value,
    baseline,
    current: tagsOff.size || strokes.length ? (previous ?? baseline) : baseline,
    isLoading: requests.some(({ isLoading }) => isLoading),
    error: requests.find(({ error }) => error)?.error ?? "",
    retry: () => {
      for (const { error, retry } of requests) if (error) retry();
    },
  };
}

export interface DisplayableFile {
  /** The picture, or a preview of it if the browser cannot display the picture; undefined if there is none (yet). */
  file: Blob | undefined;
  isPreview: boolean;
  isLoading: boolean;
  onBroken: () => void;
  /** Request the preview again if it failed. */
  retry: () => void;
}

/** Return what the browser can display of a picture. */
export function useDisplayableFile(picture: Picture, upload: Promise<Blob>): DisplayableFile {
  const [isBroken, setIsBroken] = useState(false);
  const preview = useRequest(
    async (signal) => (isBroken ? fetchPreview(await upload, signal) : undefined),
    [isBroken],
  );
  return {
    file: isBroken ? preview.value : picture.file,
    isPreview: isBroken,
    isLoading: isBroken && preview.isLoading,
    onBroken: () => setIsBroken(true),
    retry: () => preview.error && preview.retry(),
  };
}

/** Return the pixels to paint on, once they are needed. */
export function usePaintable(
  shown: DisplayableFile,
  upload: Promise<Blob>,
  isNeeded: boolean,
): { pixels: HTMLCanvasElement | undefined; error: string } {
  const paintable = useRequest(
    async () => {
      const file = shown.isPreview ? shown.file : await upload;
      return isNeeded && file ? loadPaintable(file) : undefined;
    },
    [shown.file, isNeeded],
  );
  return { pixels: paintable.value, error: paintable.error };
}
