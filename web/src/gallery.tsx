// Many pictures, sorted and filtered by mood.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import {
  arrange,
  type Arrangement,
  fileName,
  moodOf,
  probabilityOf,
  SORT_KEYS,
  type SortKey,
} from "./album-order.ts";
import { ErrorMessage } from "./common.tsx";
import { MoodFace, percent, titleCase } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Entry } from "./predictions.ts";
import { isError, type Labels } from "./service.ts";

interface GalleryProps {
  entries: Entry[];
  error: string;
  retry: () => void;
  labels: Labels;
  arrangement: Arrangement;
  onArrange: (arrangement: Arrangement) => void;
  /** The gallery keeps its state while the detail view of one of its pictures is open. */
  isHidden: boolean;
  onOpen: (picture: Picture) => void;
  /** The tiles that are pressed, while pictures are selected instead of opened. */
  picked: ReadonlySet<Picture> | undefined;
  summary: ComponentChildren;
}

export function Gallery(props: GalleryProps) {
  const { entries, error, retry, labels, arrangement, onArrange, isHidden, onOpen, picked, summary } = props;
  const { mood: filter, sort } = arrangement;
  const openedTile = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isHidden) openedTile.current?.focus({ preventScroll: true });
  }, [isHidden]);
  const moods = labels.moods.map(({ mood }) => mood);
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(moodOf(entry), (counts.get(moodOf(entry)) ?? 0) + 1);
  const nDone = entries.filter((entry) => entry.result).length;
  const displayed = arrange(entries, arrangement, moods);
  return (
    <section class="gallery" hidden={isHidden} aria-labelledby="gallery-title">
      <div class="heading">
        <h2 id="gallery-title">{entries.length} pictures</h2>
        <label class="choice">
          Sort by{" "}
          <select
            value={sort}
            onChange={(event) => onArrange({ ...arrangement, sort: event.currentTarget.value as SortKey })}
          >
            {SORT_KEYS.map((key) => (
              <option key={key} value={key}>
                {key}
              </option>
            ))}
          </select>
        </label>
      </div>
      {summary}
      <div class="chips" role="group" aria-label="Filter by mood">
        <button type="button" aria-pressed={!filter} onClick={() => onArrange({ ...arrangement, mood: "" })}>
          All
        </button>
        {moods
          .filter((mood) => counts.has(mood))
          .map((mood) => (
            <button
              key={mood}
              type="button"
              aria-pressed={filter === mood}
              onClick={() => onArrange({ ...arrangement, mood })}
            >
              <MoodFace mood={mood} size={20} /> {titleCase(mood)} {counts.get(mood)}
            </button>
          ))}
      </div>
      <p class="muted" role="status">
        {nDone < entries.length ? `${nDone} of ${entries.length} pictures processed` : "All pictures processed"}
      </p>
      {nDone < entries.length && !error && (
        <progress value={nDone} max={entries.length} aria-label="Pictures processed" />
      )}
      <ErrorMessage>{error}</ErrorMessage>
      {error && (
        <div class="buttons">
          <button type="button" onClick={retry}>
            Retry
          </button>
        </div>
      )}
      <ul class="tiles">
        {displayed.map((entry) => (
          <Tile
            key={entry.picture.id}
            entry={entry}
            isPicked={picked?.has(entry.picture)}
            onOpen={(tile) => {
              openedTile.current = tile;
              onOpen(entry.picture);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

interface TileProps {
  entry: Entry;
  isPicked: boolean | undefined;
  onOpen: (tile: HTMLElement) => void;
}

function Tile({ entry, isPicked, onOpen }: TileProps) {
  const { thumbnail, result } = entry;
  const mood = moodOf(entry);
  return (
    <li data-mood={mood || undefined}>
      <button type="button" disabled={!mood} aria-pressed={isPicked} onClick={(event) => onOpen(event.currentTarget)}>
        {thumbnail ? <img src={thumbnail} alt="" /> : <span class="placeholder" />}
        <span class="caption">
          {mood && (
            <>
              <MoodFace mood={mood} size={22} />
              <b>{titleCase(mood)}</b> {percent(probabilityOf(entry))}
            </>
          )}
          {result && isError(result) && <span class="error">{result.error.detail.replace(/^\d+: /, "")}</span>}
        </span>
        <span class="muted file">{fileName(entry)}</span>
      </button>
    </li>
  );
}
