// The timeline of a video file: the strip of moods, the scan of the whole film, and its table in CSV.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { download, ErrorMessage } from "./common.tsx";
import { OutageMessage } from "./outage-message.tsx";
import type { Outage } from "./retries.ts";
import { errorMessage, type Labels } from "./service.ts";
import { video as texts } from "./texts.ts";
import { addMoment, type Moment, moodShares, scenes, type Span, spanAt, spans, timelineCsv } from "./timeline.ts";
import { closeVideo, openVideo, UnplayableError } from "./video-frames.ts";
import { defaultInterval, INTERVALS_S, scan, scanTimes } from "./video-scan.ts";
import { VideoStrip } from "./video-strip.tsx";

const MIN_WATCHED_S = 1; // of the film that a watched frame stands for

/** Return how long the video at `url` is, which not all files state; undefined if the browser cannot find out. */
export function useDuration(url: string | undefined): number | undefined {
  const [found, setFound] = useState<{ url: string; durationS: number }>();
  useEffect(() => {
    if (!url) return undefined;
    const controller = new AbortController();
    openVideo(url, controller.signal).then(
      (video) => {
        setFound({ url, durationS: video.duration });
        closeVideo(video);
      },
      () => undefined, // the player displays the error
    );
    return () => controller.abort();
  }, [url]);
  return found?.url === url ? found?.durationS : undefined;
}

interface ScanState {
  intervalS: number;
  moments: Moment[];
  nFailed: number;
  isRunning: boolean;
  isStopped: boolean;
  error: string;
  outage?: Outage | undefined;
}

const NOT_SCANNED = { moments: [], nFailed: 0, isRunning: false, isStopped: false, error: "" };

interface VideoTimelineProps {
  file: File;
  url: string;
  durationS: number;
  labels: Labels;
  /** The frames that were classified while the video was played. */
  watched: Moment[];
  timeS: number;
  onSeek: (timeS: number) => void;
}

export function VideoTimeline({ file, url, durationS, labels, watched, timeS, onSeek }: VideoTimelineProps) {
  const [state, setState] = useState<ScanState>({ ...NOT_SCANNED, intervalS: defaultInterval(durationS) });
  const controller = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const update = (fields: Partial<ScanState>) => setState((previous) => ({ ...previous, ...fields }));

  const times = useMemo(() => scanTimes(durationS, state.intervalS), [durationS, state.intervalS]);
  const nDone = state.moments.length + state.nFailed;
  const start = async () => {
    const { signal } = (controller.current = new AbortController());
    const isContinued = state.isStopped || state.error !== "";
    const done = new Set(isContinued ? state.moments.map((moment) => moment.timeS) : []);
    if (!isContinued) update(NOT_SCANNED);
    update({ isRunning: true, isStopped: false, error: "", nFailed: 0 });
    try {
      await scan({
        url,
        times: times.filter((time) => !done.has(time)),
        limits: labels.limits,
        signal,
        onMoments: (moments, nFailed) =>
          setState((previous) => ({
            ...previous,
            moments: moments.reduce((all, moment) => addMoment(all, moment), previous.moments),
            nFailed: previous.nFailed + nFailed,
          })),
        onOutage: (outage) => update({ outage }),
      });
      update({ isRunning: false });
    } catch (problem) {
      const isStopped = signal.aborted;
      const message = problem instanceof UnplayableError ? texts.unreadableFrames : errorMessage(problem);
      update({ isRunning: false, isStopped, outage: undefined, error: isStopped ? "" : message });
    }
  };

  const parts = useMemo(
    () => joinedParts(state.moments, state.intervalS, watched, durationS),
    [state.moments, state.intervalS, watched, durationS],
  );
  const isComplete = nDone === times.length && !state.isRunning;
  const verdict = useMemo(() => (isComplete ? texts.verdict(moodShares(scenes(parts))) : ""), [isComplete, parts]);
  const rows = state.moments.length ? state.moments : watched;
  const save = () => {
    const csv = timelineCsv(rows, labels.moods.map(({ mood }) => mood));
    download(new Blob([csv], { type: "text/csv" }), `${file.name.replace(/\.[^.]*$/, "")}.csv`);
  };
  return (
    <div class="video-timeline">
      <VideoStrip parts={parts} durationS={durationS} moods={labels.moods} timeS={timeS} onSeek={onSeek} />
      <div class="buttons">
        {state.isRunning ? (
          <button type="button" onClick={() => controller.current?.abort()}>
            {texts.stopScan}
          </button>
        ) : (
          <button type="button" onClick={() => void start()}>
            {state.isStopped || state.error ? texts.continueScan : texts.scan}
          </button>
        )}
        <label class="choice">
          {texts.interval}{" "}
          <select
            value={state.intervalS}
            disabled={state.isRunning}
            onChange={(event) => update({ ...NOT_SCANNED, intervalS: Number(event.currentTarget.value) })}
          >
            {INTERVALS_S.map((seconds) => (
              <option key={seconds} value={seconds}>
                {texts.intervalOf(seconds)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={!rows.length || state.isRunning} onClick={save}>
          {texts.saveCsv}
        </button>
      </div>
      {state.isRunning && (
        <label class="video-progress muted">
          <progress value={nDone} max={times.length} /> {texts.scanProgress(nDone, times.length)}
        </label>
      )}
      <p class="video-status" role="status">
        {isComplete && `${texts.scanned(state.moments.length, state.nFailed)} ${verdict}`}
        {state.isStopped && texts.scanStopped(nDone, times.length)}
      </p>
      <OutageMessage outage={state.outage} />
      <ErrorMessage>{state.error}</ErrorMessage>
    </div>
  );
}

/** Return the scanned parts of a video, and the watched ones where it has not been scanned. */
function joinedParts(scanned: Moment[], intervalS: number, watched: Moment[], durationS: number): Span[] {
  const scannedParts = spans(scanned, durationS, intervalS);
  const watchedParts = spans(watched, durationS, MIN_WATCHED_S).filter(({ startS }) => !spanAt(scannedParts, startS));
  return watchedParts.length ? [...scannedParts, ...watchedParts].sort((a, b) => a.startS - b.startS) : scannedParts;
}
