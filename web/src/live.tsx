// Classification of the frames of a webcam or a video file.

import { useEffect, useRef, useState } from "preact/hooks";

import { AffectPlot } from "./affect-plot.tsx";
import { ErrorMessage, FileButton } from "./common.tsx";
import { MoodBars } from "./mood-bars.tsx";
import { MoodFace, titleCase } from "./moods.tsx";
import { createPicture, encodeJpeg, NETWORK_SIDE_PX, type Picture } from "./pictures.ts";
import { type Affect, errorMessage, type Labels, predict } from "./service.ts";
import { smooth, type Smoothed } from "./smoothing.ts";

const MIN_INTERVAL_MS = 80; // at most about twelve frames per second
const TRAIL_LENGTH = 40;
const UNPLAYABLE = "Your browser cannot play this video.";

type Source = MediaStream | string;

export function Live({ labels, onPictures }: { labels: Labels; onPictures: (pictures: Picture[]) => void }) {
  const [source, setSource] = useState<Source>();
  const [error, setError] = useState("");
  const video = useRef<HTMLVideoElement>(null);
  usePlayback(video, source, setError);
  const live = useLivePredictions(video, source, setError);

  const isMounted = useRef(true);
  useEffect(() => () => void (isMounted.current = false), []);

  const startWebcam = async () => {
    setError("");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (isMounted.current) setSource(stream);
      else stopTracks(stream); // the user has left this view
    } catch (problem) {
      setError(webcamErrorMessage(problem));
    }
  };
  const startFile = ([file]: File[]) => {
    setError("");
    if (file) setSource(URL.createObjectURL(file));
  };
  const capture = async () => {
    const element = video.current!;
    const canvas = drawFrame(element, element.videoWidth, element.videoHeight);
    const time = new Date().toLocaleTimeString();
    onPictures([createPicture(`Frame at ${time}`, await encodeJpeg(canvas, 0.92))]);
  };

  const first = live && Object.entries(live.smoothed.moods).reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  return (
    <section
      class="live"
      aria-labelledby="live-title"
      data-drop
      onDrop={(event) => startFile(Array.from(event.dataTransfer?.files ?? []))}
    >
      <h1 id="live-title">Live</h1>
      <p class="lead">
        Classify webcam or video frames several times per second. Frames are sent only to this service and are not
        stored.
      </p>
      <div class="buttons">
        {source ? (
          <>
            <button type="button" class="primary" disabled={!live} onClick={() => void capture()}>
              Capture this frame
            </button>
            <button type="button" onClick={() => setSource(undefined)}>
              Stop
            </button>
          </>
        ) : (
          <>
            <button type="button" class="primary" onClick={() => void startWebcam()}>
              Start the webcam
            </button>
            <FileButton accept="video/*" onFiles={startFile}>
              Choose a video file
            </FileButton>
          </>
        )}
      </div>
      <ErrorMessage>{error}</ErrorMessage>
      {source && (
        <div class="detail">
          <div class="side">
            <figure class="picture">
              <div class="frame">
                <video ref={video} muted playsInline loop onError={() => setError(UNPLAYABLE)} />
              </div>
              <figcaption class="muted rate">
                {live
                  ? `${live.framesPerSecond.toFixed(1)} frames per second · ${Math.round(live.latencyMs)} ms latency`
                  : "Starting …"}
              </figcaption>
            </figure>
          </div>
          {live && first && (
            <div class="answer">
              <header class="headline">
                <MoodFace mood={first} size={64} />
                <h2>{titleCase(first)}</h2>
              </header>
              <MoodBars moods={labels.moods} probabilities={live.smoothed.moods} />
              {live.smoothed.affect && <AffectPlot moods={labels.moods} affect={live.smoothed.affect} trail={live.trail} />}
            </div>
          )}
        </div>
      )}
    </section>
  );
}

/** Play a source in a video element, and release the source when it is no longer used. */
function usePlayback(
  video: { current: HTMLVideoElement | null },
  source: Source | undefined,
  onError: (message: string) => void,
): void {
  useEffect(() => {
    const element = video.current;
    if (!element || !source) return;
    if (typeof source === "string") element.src = source;
    else element.srcObject = source;
    element.play().catch((problem: unknown) => {
      const isStopped = problem instanceof DOMException && problem.name === "AbortError";
      if (!isStopped) onError(UNPLAYABLE);
    });
    return () => {
      element.pause();
      element.srcObject = null;
      element.removeAttribute("src");
      if (typeof source === "string") URL.revokeObjectURL(source);
      else stopTracks(source);
    };
  }, [source]);
}

const stopTracks = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

interface LivePrediction {
  smoothed: Smoothed;
  trail: Affect[];
  framesPerSecond: number;
  latencyMs: number;
}

function useLivePredictions(
  video: { current: HTMLVideoElement | null },
  source: Source | undefined,
  onError: (message: string) => void,
): LivePrediction | undefined {
  const [live, setLive] = useState<LivePrediction>();
  useEffect(() => {
    setLive(undefined);
    if (!source) return;
    const controller = new AbortController();
    const loop = async () => {
      let last: LivePrediction | undefined;
      let lastTime = 0;
      while (!controller.signal.aborted) {
        const start = performance.now();
        const element = video.current;
        if (element && element.videoWidth && !document.hidden) {
          // Like the service, stretch the frame to the square input of the network.
          const frame = await encodeJpeg(drawFrame(element, NETWORK_SIDE_PX, NETWORK_SIDE_PX), 0.85);
          const prediction = await predict(frame, {}, controller.signal);
          const elapsed = start - lastTime;
          const smoothed = smooth(last?.smoothed, prediction, elapsed);
          const framesPerSecond = last ? 0.8 * last.framesPerSecond + 200 / elapsed : 1000 / MIN_INTERVAL_MS;
          const trail = smoothed.affect ? [...(last?.trail ?? []), smoothed.affect].slice(-TRAIL_LENGTH) : [];
          last = { smoothed, trail, framesPerSecond, latencyMs: performance.now() - start };
          lastTime = start;
          if (!controller.signal.aborted) setLive(last);
        }
        await new Promise((resume) => setTimeout(resume, Math.max(0, MIN_INTERVAL_MS - (performance.now() - start))));
      }
    };
    loop().catch((problem: unknown) => {
      if (!controller.signal.aborted) onError(errorMessage(problem));
    });
    return () => controller.abort();
  }, [source]);
  return live;
}

function drawFrame(video: HTMLVideoElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.drawImage(video, 0, 0, width, height);
  return canvas;
}

function webcamErrorMessage(problem: unknown): string {
  if (!window.isSecureContext) return "Browsers allow webcam access only over HTTPS or on localhost.";
  const name = problem instanceof Error ? problem.name : "";
  if (name === "NotAllowedError")
    return "Webcam access was denied. Allow it in the browser's address bar.";
  if (name === "NotFoundError") return "No webcam was found.";
  return "The webcam could not be started. Another program may be using it.";
}
