// Classification of the frames of a whole video at regular times.

import { type Outage, untilAnswered } from "./retries.ts";
import { isError, type Labels, predictMany } from "./service.ts";
import type { Moment } from "./timeline.ts";
import { closeVideo, openVideo, SCAN_SIDE_PX, seek, squareFrame } from "./video-frames.ts";

const FRAMES_PER_REQUEST = 8;
const CONCURRENT_REQUESTS = 2; // the next frames are decoded while the service classifies the previous ones
const MAX_BYTES_FRACTION = 0.8; // of the service's limit; the rest is for the multipart encoding
const MAX_WAIT_MS = 60_000; // for a response
export const INTERVALS_S = [0.5, 1, 2, 5, 10, 30, 60];
const MAX_DEFAULT_FRAMES = 900;

/** Return the interval that is suggested for a video: a second, or a longer one for long videos. */
export const defaultInterval = (durationS: number): number =>
  INTERVALS_S.find((intervalS) => intervalS >= 1 && durationS / intervalS <= MAX_DEFAULT_FRAMES) ??
  INTERVALS_S.at(-1)!;

/** Return the times at which a video is scanned. */
export const scanTimes = (durationS: number, intervalS: number): number[] =>
  Array.from({ length: Math.max(1, Math.ceil(durationS / intervalS - 1e-6)) }, (_, i) => i * intervalS);

interface ScanOptions {
  url: string;
  /** The times to classify, in order. */
  times: number[];
  limits: Labels["limits"];
  signal: AbortSignal;
  /** Called with the predictions for some of the frames, and the number of frames without one. */
  onMoments: (moments: Moment[], nFailed: number) => void;
  onOutage: (outage?: Outage) => void;
}

export async function scan({ url, times, limits, signal, onMoments, onOutage }: ScanOptions): Promise<void> {
  const video = await openVideo(url, signal);
  try {
    const pending = new Set<Promise<void>>();
    for await (const batch of batches(video, times, limits, signal)) {
      while (pending.size >= CONCURRENT_REQUESTS) await Promise.race(pending);
      const request = classify(batch, signal, onOutage).then((moments) => {
        pending.delete(request);
        signal.throwIfAborted();
        onMoments(moments, batch.length - moments.length);
      });
      pending.add(request);
      request.catch(() => undefined); // is thrown when the request is awaited
    }
    await Promise.all(pending);
  } finally {
    closeVideo(video);
  }
}

interface Frame {
  timeS: number;
  picture: Blob;
}

/** Yield the frames at the times, as many together as a request may have. */
async function* batches(
  video: HTMLVideoElement,
  times: number[],
  limits: Labels["limits"],
  signal: AbortSignal,
): AsyncGenerator<Frame[]> {
  const maxFrames = Math.min(FRAMES_PER_REQUEST, limits.max_images);
  const maxBytes = MAX_BYTES_FRACTION * limits.max_bytes;
  let batch: Frame[] = [];
  let bytes = 0;
  for (const timeS of times) {
    await seek(video, timeS, signal);
    const picture = await squareFrame(video, SCAN_SIDE_PX);
    if (batch.length && (batch.length === maxFrames || bytes + picture.size > maxBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push({ timeS, picture });
    bytes += picture.size;
  }
  if (batch.length) yield batch;
}

async function classify(
  frames: Frame[],
  signal: AbortSignal,
  onOutage: (outage?: Outage) => void,
): Promise<Moment[]> {
  const pictures = frames.map(({ picture }) => picture);
  const send = () => predictMany(pictures, AbortSignal.any([signal, AbortSignal.timeout(MAX_WAIT_MS)]), 0);
  const results = await untilAnswered(send, signal, onOutage);
  return results.flatMap((result, i) =>
    isError(result) ? [] : [{ timeS: frames[i]!.timeS, moods: result.moods, affect: result.affect }],
  );
}
