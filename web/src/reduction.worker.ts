// A worker that reduces pictures; see reducer.ts for its messages.

import { reduce } from "./reduction.ts";
import type { Answer, Task } from "./reducer.ts";

addEventListener("message", ({ data: { id, file, needsThumbnail } }: MessageEvent<Task>) => {
  reduce(file, needsThumbnail).then(
    (reduced) => postMessage({ id, reduced } satisfies Answer),
    (problem: unknown) => postMessage({ id, error: String(problem) } satisfies Answer),
  );
});
