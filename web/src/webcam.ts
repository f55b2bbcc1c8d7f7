// The webcam, which is started again after an interruption.

import { useEffect, useRef, useState } from "preact/hooks";

import { pause } from "./pause.ts";
import { retryDelayMs } from "./retries.ts";
import { video as texts } from "./texts.ts";

const MAX_RETRY_DELAY_MS = 8000;

export interface Webcam {
  stream: MediaStream | undefined;
  /** Whether it was disconnected, and is started again as soon as possible. */
  isLost: boolean;
  error: string;
  start: () => void;
  stop: () => void;
}

export function useWebcam(): Webcam {
  const [stream, setStream] = useState<MediaStream>();
  const [isLost, setIsLost] = useState(false);
  const [error, setError] = useState("");
  const session = useRef<AbortController | undefined>(undefined);

  const stop = () => {
    session.current?.abort();
    session.current = undefined;
    setStream(undefined);
    setIsLost(false);
  };
  const start = () => {
    stop();
    setError("");
    const { signal } = (session.current = new AbortController());
    run(signal, (started) => {
      setStream(started);
      setIsLost(!started);
    }).catch((problem: unknown) => {
      if (signal.aborted) return;
      stop();
      setError(webcamErrorMessage(problem));
    });
  };
  useEffect(() => () => session.current?.abort(), []);
  return { stream, isLost, error, start, stop };
}

/** Start the webcam, and again whenever it is disconnected. Errors are thrown only if they will not pass. */
async function run(signal: AbortSignal, onChange: (stream: MediaStream | undefined) => void): Promise<void> {
  let stream = await open(signal);
  for (;;) {
    onChange(stream);
    await disconnection(stream, signal);
    onChange(undefined);
    stream = await reopened(signal);
  }
}

async function open(signal: AbortSignal): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stopTracks = () => stream.getTracks().forEach((track) => track.stop());
  if (signal.aborted) stopTracks(); // the user has left this view
  signal.throwIfAborted();
  signal.addEventListener("abort", stopTracks);
  return stream;
}

async function reopened(signal: AbortSignal): Promise<MediaStream> {
  for (let failures = 0; ; ) {
    try {
      return await open(signal);
    } catch (problem) {
      const isRefused = problem instanceof DOMException && problem.name === "NotAllowedError";
      if (signal.aborted || isRefused) throw problem;
      failures += 1;
      await connectionOrPause(Math.min(retryDelayMs(failures), MAX_RETRY_DELAY_MS), signal);
    }
  }
}

/** Wait until a stream has ended. */
function disconnection(stream: MediaStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => resolve());
  });
}

/** Wait for some time, or until a device is connected. */
async function connectionOrPause(ms: number, signal: AbortSignal): Promise<void> {
  const changed = new Promise<void>((resolve) =>
    navigator.mediaDevices.addEventListener("devicechange", () => resolve(), { once: true }),
  );
  await Promise.race([changed, pause(ms, signal)]);
}

function webcamErrorMessage(problem: unknown): string {
  if (!window.isSecureContext) return texts.insecureContext;
  const name = problem instanceof Error ? problem.name : "";
  if (name === "NotAllowedError") return texts.webcamDenied;
  if (name === "NotFoundError") return texts.noWebcam;
  return texts.webcamUnavailable;
}
