// The webcam or a video file, frame by frame.

import { useEffect, useRef, useState } from "preact/hooks";

import { Bars } from "./bars.tsx";
import { Face, titled } from "./moods.tsx";
import { FileButton, Trouble } from "./parts.tsx";
import { jpegOf, type Picture, pictureOf, SEEN_PX } from "./pictures.ts";
import { Plane } from "./plane.tsx";
import { type Affect, type Labels, said, tell } from "./service.ts";
import { type Shown, smoothed } from "./smoothing.ts";

const LEAST_MS = 80; // between two frames: about twelve a second, however fast the service is
const N_TRAIL = 40;
const UNPLAYABLE = "This video cannot be played here.";

type Source = MediaStream | string;

export function Live({ labels, onPictures }: { labels: Labels; onPictures: (pictures: Picture[]) => void }) {
  const [source, setSource] = useState<Source>();
  const [error, setError] = useState("");
  const video = useRef<HTMLVideoElement>(null);
  const live = useLive(video, source, setError);

  useEffect(() => {
    const element = video.current;
    if (!element || !source) return;
    if (typeof source === "string") element.src = source;
    else element.srcObject = source;
    element.play().catch((problem: unknown) => {
      const isStopped = problem instanceof DOMException && problem.name === "AbortError";
      if (!isStopped) setError(UNPLAYABLE);
    });
    return () => {
      element.pause();
      element.srcObject = null;
      element.removeAttribute("src");
      if (typeof source === "string") URL.revokeObjectURL(source);
      else source.getTracks().forEach((track) => track.stop());
    };
  }, [source]);

  const isHere = useRef(true);
  useEffect(() => () => void (isHere.current = false), []);

  const startWebcam = async () => {
    setError("");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (isHere.current) setSource(stream);
      else stream.getTracks().forEach((track) => track.stop()); // allowed after the view was left
    } catch (problem) {
      setError(webcamTrouble(problem));
    }
  };
  const startFile = ([file]: File[]) => {
    setError("");
    if (file) setSource(URL.createObjectURL(file));
  };
  const keep = async () => {
    const element = video.current!;
    const canvas = frameOf(element, element.videoWidth, element.videoHeight);
    const time = new Date().toLocaleTimeString();
    onPictures([pictureOf(`Frame of ${time}`, await jpegOf(canvas, 0.92))]);
  };

  const first = live && Object.entries(live.shown.moods).reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  return (
    <section
      class="live"
      aria-labelledby="live-title"
      data-drop
      onDrop={(event) => startFile(Array.from(event.dataTransfer?.files ?? []))}
    >
      <h1 id="live-title">Live</h1>
      <p class="lead">
        The mood of what the camera sees, several times a second. Frames go to this service and are not kept.
      </p>
      <div class="buttons">
        {source ? (
          <>
            <button type="button" class="main" disabled={!live} onClick={() => void keep()}>
              Keep this frame
            </button>
            <button type="button" onClick={() => setSource(undefined)}>
              Stop
            </button>
          </>
        ) : (
          <>
            <button type="button" class="main" onClick={() => void startWebcam()}>
              Start the webcam
            </button>
            <FileButton accept="video/*" onFiles={startFile}>
              A video file
            </FileButton>
          </>
        )}
      </div>
      <Trouble>{error}</Trouble>
      {source && (
        <div class="detail">
          <div class="side">
            <figure class="veiled">
              <div class="frame">
                <video ref={video} muted playsInline loop onError={() => setError(UNPLAYABLE)} />
              </div>
              <figcaption class="quiet rate">
                {live
                  ? `${live.rate.toFixed(1)} frames a second · ${Math.round(live.waitMs)} ms for an answer`
                  : "Starting …"}
              </figcaption>
            </figure>
          </div>
          {live && first && (
            <div class="answer">
              <header class="headline">
                <Face mood={first} size={64} />
                <h2>{titled(first)}</h2>
              </header>
              <Bars moods={labels.moods} probabilities={live.shown.moods} />
              {live.shown.affect && <Plane moods={labels.moods} affect={live.shown.affect} trail={live.trail} />}
            </div>
          )}
        </div>
      )}
    </section>
  );
}

interface LiveAnswer {
  shown: Shown;
  trail: Affect[];
  rate: number;
  waitMs: number;
}

function useLive(
  video: { current: HTMLVideoElement | null },
  source: Source | undefined,
  onError: (message: string) => void,
): LiveAnswer | undefined {
  const [live, setLive] = useState<LiveAnswer>();
  useEffect(() => {
    setLive(undefined);
    if (!source) return;
    const control = new AbortController();
    const loop = async () => {
      let last: LiveAnswer | undefined;
      let lastTime = 0;
      while (!control.signal.aborted) {
        const start = performance.now();
        const element = video.current;
        if (element && element.videoWidth && !document.hidden) {
          // Exactly what the network looks at: the picture as a square, whatever its shape.
          const frame = await jpegOf(frameOf(element, SEEN_PX, SEEN_PX), 0.85);
          const told = await tell(frame, {}, control.signal);
          const elapsed = start - lastTime;
          const shown = smoothed(last?.shown, told, elapsed);
          const rate = last ? 0.8 * last.rate + 200 / elapsed : 1000 / LEAST_MS;
          const trail = shown.affect ? [...(last?.trail ?? []), shown.affect].slice(-N_TRAIL) : [];
          last = { shown, trail, rate, waitMs: performance.now() - start };
          lastTime = start;
          if (!control.signal.aborted) setLive(last);
        }
        await new Promise((resume) => setTimeout(resume, Math.max(0, LEAST_MS - (performance.now() - start))));
      }
    };
    loop().catch((problem: unknown) => {
      if (!control.signal.aborted) onError(said(problem));
    });
    return () => control.abort();
  }, [source]);
  return live;
}

function frameOf(video: HTMLVideoElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.drawImage(video, 0, 0, width, height);
  return canvas;
}

function webcamTrouble(problem: unknown): string {
  if (!window.isSecureContext) return "Browsers give pages a webcam over https or on localhost only.";
  const name = problem instanceof Error ? problem.name : "";
  if (name === "NotAllowedError")
    return "The webcam is not allowed for this page; allow it in the browser's address bar.";
  if (name === "NotFoundError") return "There is no webcam.";
  return "The webcam does not start; another program may be using it.";
}
