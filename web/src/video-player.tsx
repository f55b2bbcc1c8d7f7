// A webcam or a video file, and the moods of the frame that is displayed.

import { useEffect, useRef, useState } from "preact/hooks";

import { AffectPlot } from "./affect-plot.tsx";
import { ErrorMessage } from "./common.tsx";
import { useObjectUrl } from "./hooks.ts";
import { useLivePredictions } from "./live-predictions.ts";
import { MoodBars } from "./mood-bars.tsx";
import { MoodFace } from "./moods.tsx";
import { OutageMessage } from "./outage-message.tsx";
import { createPicture, encodeJpeg, type Picture } from "./pictures.ts";
import type { Labels, Prediction } from "./service.ts";
import { moodTitle, video as texts } from "./texts.ts";
import { addMoment, type Moment } from "./timeline.ts";
import { closeVideo, drawFrame } from "./video-frames.ts";
import { useDuration, VideoTimeline } from "./video-timeline.tsx";
import "./video.css";

const MAX_WATCHED = 1200; // moments of a video that are kept while it is played
const MIN_WATCHED_GAP_S = 0.2;
const REDRAW_MS = 400; // of the strip while a video is played

interface VideoPlayerProps {
  /** Undefined while a webcam is disconnected. */
  source: MediaStream | File | undefined;
  isLost: boolean;
  labels: Labels;
  onPictures: (pictures: Picture[]) => void;
  onClose: () => void;
}

export function VideoPlayer({ source, isLost, labels, onPictures, onClose }: VideoPlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [playbackError, setPlaybackError] = useState("");
  const file = source instanceof File ? source : undefined;
  const url = useObjectUrl(file);
  const durationS = useDuration(url);
  const timeS = useCurrentTime(video, file !== undefined);
  const { watched, watch } = useWatched(durationS);
  usePlayback(video, source instanceof MediaStream ? source : url, setPlaybackError);
  const { live, outage, isFrozen, error } = useLivePredictions(video, source, watch);

  const capture = async () => {
    const element = video.current!;
    const name = file ? texts.frameOfVideo(file.name, element.currentTime) : texts.frameOfWebcam(new Date());
    const canvas = drawFrame(element, element.videoWidth, element.videoHeight);
    onPictures([createPicture(name, await encodeJpeg(canvas, 0.92))]);
  };
  const interruption = isLost ? texts.webcamLost : isFrozen ? texts.webcamFrozen : "";
  return (
    <>
      <div class="buttons">
        <button type="button" class="primary" disabled={!live || isLost} onClick={() => void capture()}>
          {texts.capture}
        </button>
        <button type="button" onClick={onClose}>
          {file ? texts.closeVideo : texts.stopWebcam}
        </button>
      </div>
      <ErrorMessage>{playbackError || error}</ErrorMessage>
      <div role="status">{interruption && <p class="error">{interruption}</p>}</div>
      <OutageMessage outage={outage} />
      <div class="detail">
        <div class="side">
          <figure class="picture">
            <div class="frame">
              <video
                ref={video}
                muted
                playsInline
                loop
                controls={file !== undefined}
                onError={() => setPlaybackError(texts.unplayable)}
              />
            </div>
            <figcaption class="muted rate">
              {live ? texts.rate(live.framesPerSecond, live.latencyMs) : texts.starting}
            </figcaption>
          </figure>
          {file && url && durationS !== undefined && (
            <VideoTimeline
              file={file}
              url={url}
              durationS={durationS}
              labels={labels}
              watched={watched}
              timeS={Math.min(timeS, durationS)}
              onSeek={(time) => (video.current!.currentTime = time)}
            />
          )}
        </div>
        {live && (
          <div class="answer">
            <header class="headline">
              <MoodFace mood={live.mood} size={64} />
              <h2 aria-live="polite">{moodTitle(live.mood)}</h2>
            </header>
            <MoodBars moods={labels.moods} probabilities={live.smoothed.moods} />
            {live.smoothed.affect && <AffectPlot moods={labels.moods} affect={live.smoothed.affect} trail={live.trail} />}
          </div>
        )}
      </div>
    </>
  );
}

/** Play a source in a video element. */
function usePlayback(
  video: { current: HTMLVideoElement | null },
  source: MediaStream | string | undefined,
  onError: (message: string) => void,
): void {
  useEffect(() => {
    const element = video.current;
    if (!element || !source) return undefined;
    const play = () =>
      element.play().catch((problem: unknown) => {
        const isStopped = problem instanceof DOMException && problem.name === "AbortError";
        if (!isStopped && typeof source === "string") onError(texts.unplayable);
      });
    onError("");
    if (typeof source === "string") element.src = source;
    else element.srcObject = source;
    void play();
    // Some browsers stop the webcam's picture while the tab is hidden.
    const onVisible = () => {
      if (!document.hidden && source instanceof MediaStream && element.paused) void play();
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      closeVideo(element);
    };
  }, [source]);
}

/** Return the time of the displayed frame in a video file. */
function useCurrentTime(video: { current: HTMLVideoElement | null }, isFile: boolean): number {
  const [timeS, setTimeS] = useState(0);
  useEffect(() => {
    const element = video.current;
    if (!element || !isFile) return undefined;
    const onTime = () => setTimeS(element.currentTime);
    const events = ["timeupdate", "seeking", "seeked"];
    for (const name of events) element.addEventListener(name, onTime);
    return () => events.forEach((name) => element.removeEventListener(name, onTime));
  }, [isFile]);
  return timeS;
}

/** Keep the predictions for the frames of a video that are displayed while it is played. */
function useWatched(durationS: number | undefined) {
  const [watched, setWatched] = useState<Moment[]>([]);
  const latest = useRef<Moment[]>([]);
  const gapS = useRef(MIN_WATCHED_GAP_S);
  gapS.current = Math.max(MIN_WATCHED_GAP_S, (durationS ?? 0) / MAX_WATCHED);
  useEffect(() => {
    const timer = setInterval(() => setWatched(latest.current), REDRAW_MS);
    return () => clearInterval(timer);
  }, []);
  const watch = (timeS: number, { moods, affect }: Prediction) => {
    latest.current = addMoment(latest.current, { timeS, moods, affect }, gapS.current / 2);
  };
  return { watched, watch };
}
