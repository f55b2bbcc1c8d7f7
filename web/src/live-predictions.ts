// Predictions for the displayed frames of a webcam or a video file.

import { useEffect, useState } from "preact/hooks";

import { pause } from "./pause.ts";
import { NETWORK_SIDE_PX } from "./pictures.ts";
import { type Outage, untilAnswered } from "./retries.ts";
import { type Affect, errorMessage, predict, type Prediction } from "./service.ts";
import { leadingMood, smooth, type Smoothed } from "./smoothing.ts";
import { squareFrame } from "./video-frames.ts";

const MIN_INTERVAL_MS = 80; // at most about twelve frames per second
const MAX_WAIT_MS = 20_000; // for a response
const FROZEN_MS = 3000; // without a new frame
const TRAIL_LENGTH = 40;

export interface LivePrediction {
  smoothed: Smoothed;
  /** The mood of the headline, which changes only if another one leads clearly. */
  mood: string;
  trail: Affect[];
  framesPerSecond: number;
  latencyMs: number;
}

export interface LiveState {
  live?: LivePrediction | undefined;
  /** A time without responses. */
  outage?: Outage | undefined;
  /** Whether a webcam sends no frames. */
  isFrozen?: boolean;
  /** An error that does not pass. */
  error?: string;
}

/** Called with the prediction for the frame at a time of a video. */
type FrameListener = (timeS: number, prediction: Prediction) => void;

/** Classify the frames that a video element displays, for as long as it displays `source`. */
export function useLivePredictions(
  video: { current: HTMLVideoElement | null },
  source: MediaStream | File | undefined,
  onFrame: FrameListener,
): LiveState {
  const [state, setState] = useState<LiveState>({});
  useEffect(() => {
    const element = video.current;
    if (!source || !element) return undefined;
    const controller = new AbortController();
    const update = (fields: LiveState) => {
      if (!controller.signal.aborted) setState((previous) => ({ ...previous, ...fields }));
    };
    const { signal } = controller;
    classifyFrames(element, source instanceof MediaStream, signal, update, onFrame).catch((problem: unknown) =>
      update({ error: errorMessage(problem), outage: undefined }),
    );
    return () => {
      controller.abort();
      setState(({ live }) => ({ live })); // what was true of the previous source
    };
  }, [source]);
  return state;
}

async function classifyFrames(
  video: HTMLVideoElement,
  isWebcam: boolean,
  signal: AbortSignal,
  update: (fields: LiveState) => void,
  onFrame: FrameListener,
): Promise<void> {
  const frames = new FrameWatch(video, signal);
  let last: LivePrediction | undefined;
  let lastMs = 0;
  let isFrozen = false;
  let scene = 0; // what follows a jump has nothing to do with the frames before it
  const startAgain = () => {
    last = undefined;
    scene += 1;
  };
  video.addEventListener("seeking", startAgain, { signal });
  for (;;) {
    await visible(signal);
    const startMs = performance.now();
    if (isFrozen !== (isWebcam && frames.ageMs() > FROZEN_MS)) update({ isFrozen: (isFrozen = !isFrozen) });
    const timeS = frames.take();
    if (timeS !== undefined) {
      const sceneOfFrame = scene;
      const frame = await squareFrame(video, NETWORK_SIDE_PX);
      const send = () => predict(frame, {}, AbortSignal.any([signal, AbortSignal.timeout(MAX_WAIT_MS)]), 0);
      const prediction = await untilAnswered(send, signal, (outage) => {
        if (outage) last = undefined;
        update({ outage });
      });
      onFrame(timeS, prediction);
      if (scene === sceneOfFrame) {
        last = follow(last, prediction, startMs, video.paused ? Infinity : startMs - lastMs);
        lastMs = startMs;
        update({ live: last });
      }
    }
    await pause(Math.max(0, MIN_INTERVAL_MS - (performance.now() - startMs)), signal);
  }
}

/** Return what is displayed after a prediction, given what was displayed before. */
function follow(
  last: LivePrediction | undefined,
  prediction: Prediction,
  startMs: number,
  elapsedMs: number,
): LivePrediction {
  const smoothed = smooth(last?.smoothed, prediction, elapsedMs);
  return {
    smoothed,
    mood: leadingMood(last?.mood, smoothed.moods) ?? "",
    trail: smoothed.affect ? [...(last?.trail ?? []), smoothed.affect].slice(-TRAIL_LENGTH) : [],
    framesPerSecond: last ? 0.8 * last.framesPerSecond + 200 / elapsedMs : 1000 / MIN_INTERVAL_MS,
    latencyMs: performance.now() - startMs,
  };
}

/** Notices the frames that a video displays, so that none is classified twice. */
class FrameWatch {
  private shownMs = performance.now();
  private timeS: number | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    signal: AbortSignal,
  ) {
    this.timeS = video.videoWidth ? video.currentTime : undefined;
    if ("requestVideoFrameCallback" in video) {
      const onFrame = (_: number, { mediaTime }: VideoFrameCallbackMetadata) => {
        this.notice(mediaTime);
        handle = video.requestVideoFrameCallback(onFrame);
      };
      let handle = video.requestVideoFrameCallback(onFrame);
      signal.addEventListener("abort", () => video.cancelVideoFrameCallback(handle));
    } else {
      const onTime = () => this.notice(this.video.currentTime);
      for (const name of ["timeupdate", "seeked", "loadeddata"]) this.video.addEventListener(name, onTime, { signal });
    }
    document.addEventListener("visibilitychange", () => (this.shownMs = performance.now()), { signal });
  }

  private notice(timeS: number): void {
    this.timeS = timeS;
    this.shownMs = performance.now();
  }

  /** Return the time of the displayed frame in the video, or undefined if it was taken before. */
  take(): number | undefined {
    const timeS = this.video.videoWidth ? this.timeS : undefined;
    if (timeS !== undefined) this.timeS = undefined;
    return timeS;
  }

  ageMs(): number {
    return performance.now() - this.shownMs;
  }
}

/** Wait until the tab is visible. */
async function visible(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!document.hidden) return;
  await new Promise<void>((resolve, reject) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
