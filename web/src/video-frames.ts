// Access to the frames of videos.

import { encodeJpeg } from "./pictures.ts";

/** Like the tagger's preparation of pictures, reduce frames to a square from which the network's input is made. */
export const SCAN_SIDE_PX = 448;
const EVENT_TIMEOUT_MS = 20_000;
const MAX_FRAME_WAIT_MS = 1000; // after which a frame is shown that is not reported
const BEYOND_END_S = 1e7;

/** The browser cannot decode a video, or a frame of it. */
export class UnplayableError extends Error {}

export function drawFrame(video: HTMLVideoElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(video, 0, 0, width, height);
  return canvas;
}

/** Return a frame of a video as JPEG, stretched to a square like all pictures. */
export const squareFrame = (video: HTMLVideoElement, sidePx: number): Promise<Blob> =>
  encodeJpeg(drawFrame(video, sidePx, sidePx), 0.9);

/** Open a video at `url` without displaying it, and find out how long it is. */
export async function openVideo(url: string, signal: AbortSignal): Promise<HTMLVideoElement> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  const isLoaded = nextEvent(video, "loadeddata", signal);
  video.src = url;
  await isLoaded;
  // The files of MediaRecorder do not state their duration, which the browser learns at the end.
  if (!Number.isFinite(video.duration)) await seek(video, BEYOND_END_S, signal);
  if (!Number.isFinite(video.duration) || !video.videoWidth) throw new UnplayableError();
  return video;
}

/** Show the frame at a time. */
export async function seek(video: HTMLVideoElement, timeS: number, signal: AbortSignal): Promise<void> {
  const isFound = nextEvent(video, "seeked", signal);
  const isShown = nextFrame(video, signal);
  video.currentTime = timeS;
  await isFound;
  await isShown;
}

/** Wait until a frame can be drawn, which may be later than the event `seeked`; hidden tabs do not report it. */
function nextFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  if (!("requestVideoFrameCallback" in video)) return Promise.resolve();
  return new Promise((resolve) => {
    const handle = video.requestVideoFrameCallback(() => finish());
    const finish = () => {
      clearTimeout(timer);
      video.cancelVideoFrameCallback(handle);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, MAX_FRAME_WAIT_MS);
    signal.addEventListener("abort", finish);
  });
}

/** Let the browser forget a video. */
export function closeVideo(video: HTMLVideoElement): void {
  video.pause();
  video.srcObject = null;
  video.removeAttribute("src");
  video.load();
}

function nextEvent(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => finish(() => reject(signal.aborted ? signal.reason : new UnplayableError()));
    const succeed = () => finish(resolve);
    const timer = setTimeout(fail, EVENT_TIMEOUT_MS);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      video.removeEventListener(name, succeed);
      video.removeEventListener("error", fail);
      signal.removeEventListener("abort", fail);
      settle();
    };
    video.addEventListener(name, succeed);
    video.addEventListener("error", fail);
    signal.addEventListener("abort", fail);
    if (signal.aborted) fail();
  });
}
