// Many pictures, sorted and filtered by mood.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import type { AlbumLoader } from "./album-loader.ts";
import { arrange, type Arrangement, isSelected, moodOf, SORT_KEYS, type SortKey } from "./album-order.ts";
import type { LeftOut } from "./albums.ts";
import { ErrorMessage } from "./common.tsx";
import "./gallery.css";
import { MoodFace } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Entry, Progress } from "./predictions.ts";
import type { Labels } from "./service.ts";
import { album as texts, common, integer, moodTitle } from "./texts.ts";
import { Tiles } from "./tiles.tsx";

interface GalleryProps {
  /** The pictures that are displayed: those of `progress`, or fewer. */
  entries: Entry[];
  progress: Progress;
  loader: AlbumLoader;
  leftOut: LeftOut;
  labels: Labels;
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  /** The gallery keeps its state while the detail view of one of its pictures is open. */
  isHidden: boolean;
  onOpen: (picture: Picture) => void;
  /** The tiles that are pressed, while pictures are selected instead of opened. */
  picked?: ReadonlySet<Picture> | undefined;
  summary?: ComponentChildren;
}

export function Gallery(props: GalleryProps) {
  const { entries, progress, loader, leftOut, labels, arrangement, onArrange, isHidden, onOpen, picked, summary } =
    props;
  const opened = useRef<Picture>(undefined);
  useEffect(() => {
    if (isHidden || !opened.current) return;
    const tile = document.querySelector<HTMLElement>(`.tiles [data-picture="${opened.current.id}"]`);
    tile?.focus({ preventScroll: true });
  }, [isHidden]);
  // The pictures keep their places until all are classified: otherwise they would move while the user looks at them.
  const isSorted = arrangement.sort === "name" || progress.status !== "loading";
  const displayed = useMemo(() => {
    const moods = labels.moods.map(({ mood }) => mood);
    return isSorted
      ? arrange(entries, arrangement, moods)
      : entries.filter((entry) => isSelected(entry, arrangement));
  }, [entries, isSorted, JSON.stringify(arrangement)]);
  const order = `${isSorted} ${JSON.stringify(arrangement)}`;
  return (
    <section class="gallery" hidden={isHidden} aria-labelledby="gallery-title">
      <div class="heading">
        <h2 id="gallery-title">{texts.pictures(entries.length)}</h2>
        <label class="choice">
          {texts.sortBy}{" "}
          <select
            value={arrangement.sort}
            onChange={(event) => onArrange({ ...arrangement, sort: event.currentTarget.value as SortKey })}
          >
            {SORT_KEYS.map((key) => (
              <option key={key} value={key}>
                {texts.sortKeys[key]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {(leftOut.videos > 0 || leftOut.others > 0) && (
        <p class="muted">{texts.leftOut(leftOut.videos, leftOut.others)}</p>
      )}
      {leftOut.unfinished ? <p class="muted">{texts.unfinished(leftOut.unfinished)}</p> : null}
      {summary}
      <Filters {...{ entries, labels, arrangement, onArrange }} />
      <ProgressReport progress={progress} loader={loader} labels={labels} isSorted={isSorted} />
      <Tiles
        entries={displayed}
        order={order}
        picked={picked}
        onOpen={(picture) => {
          opened.current = picture;
          onOpen(picture);
        }}
      />
    </section>
  );
}

type FiltersProps = Pick<GalleryProps, "entries" | "labels" | "arrangement" | "onArrange">;

function Filters({ entries, labels, arrangement, onArrange }: FiltersProps) {
  const { mood: chosen, isFailed } = arrangement;
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const key = entry.result ? moodOf(entry) : "pending";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const nFailed = counts.get("") ?? 0;
  return (
    <div class="chips" role="group" aria-label={texts.filter}>
      <button
        type="button"
        aria-pressed={!chosen && !isFailed}
        onClick={() => onArrange({ ...arrangement, mood: "", isFailed: false })}
      >
        {texts.all}
      </button>
      {labels.moods
        .map(({ mood }) => mood)
        .filter((mood) => counts.has(mood) || mood === chosen)
        .map((mood) => (
          <button
            key={mood}
            type="button"
            aria-pressed={chosen === mood}
            onClick={() => onArrange({ ...arrangement, mood, isFailed: false })}
          >
            <MoodFace mood={mood} size={20} /> {moodTitle(mood)} {integer(counts.get(mood) ?? 0)}
          </button>
        ))}
      {(nFailed > 0 || isFailed) && (
        <button
          type="button"
          aria-pressed={Boolean(isFailed)}
          onClick={() => onArrange({ ...arrangement, mood: "", isFailed: true })}
        >
          <span class="failed-sign" aria-hidden="true">
            !
          </span>{" "}
          {texts.failed} {integer(nFailed)}
        </button>
      )}
    </div>
  );
}

interface ProgressReportProps {
  progress: Progress;
  loader: AlbumLoader;
  labels: Labels;
  isSorted: boolean;
}

/** What has been done, what is left, and the buttons to stop, to continue and to try again. */
function ProgressReport({ progress, loader, labels, isSorted }: ProgressReportProps) {
  const { entries, status, error, nClassified, nFailed } = progress;
  const nDone = nClassified + nFailed;
  const isLoading = status === "loading";
  return (
    <>
      <div class="progress">
        <p class="muted" role="status">
          {status === "done"
            ? texts.finished(nClassified, nFailed)
            : status === "stopped"
              ? texts.stopped(nClassified, nFailed, entries.length - nDone)
              : texts.processed(nDone, entries.length)}
        </p>
        {isLoading && (
          <button type="button" onClick={() => loader.stop()}>
            {texts.stop}
          </button>
        )}
        {status === "stopped" && (
          <button type="button" onClick={() => loader.start(labels)}>
            {texts.resume}
          </button>
        )}
        {(status === "interrupted" || (nFailed > 0 && !isLoading)) && (
          <button type="button" onClick={() => loader.retry(labels)}>
            {status === "interrupted" ? common.retry : texts.retryFailed(nFailed)}
          </button>
        )}
      </div>
      {isLoading && <progress value={nDone} max={entries.length} aria-label={texts.progress} />}
      {isLoading && !isSorted && <p class="muted">{texts.sortedLater}</p>}
      <ErrorMessage>{error}</ErrorMessage>
    </>
  );
}
