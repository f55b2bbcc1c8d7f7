import { useEffect, useState } from "preact/hooks";

import type { Progress } from "./album-loader.ts";
import type { Album } from "./albums.ts";
import type { Labels } from "./service.ts";

export type { Entry, Progress } from "./album-loader.ts";

/** Classify the pictures of an album, and return the progress. A single picture is left to the detail view. */
export function usePredictions({ loader }: Album, labels: Labels): Progress {
  const [progress, setProgress] = useState(loader.progress);
  useEffect(() => {
    setProgress(loader.progress);
    if (loader.pictures.length > 1 && loader.progress.status === "new") loader.start(labels);
    return loader.subscribe(setProgress);
  }, [loader]);
  return progress;
}
