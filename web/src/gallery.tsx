// Many pictures, sorted and filtered by mood.

import { useEffect, useRef, useState } from "preact/hooks";

import { ErrorMessage } from "./common.tsx";
import { MoodFace, percent, titleCase } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Entry } from "./predictions.ts";
import { isError, type Labels, type Prediction } from "./service.ts";

const SORT_KEYS = ["mood", "confidence", "valence", "arousal", "name"] as const;
type SortKey = (typeof SORT_KEYS)[number];

const predictionOf = (entry: Entry): Prediction | undefined =>
  entry.result && !isError(entry.result) ? entry.result : undefined;
const moodOf = (entry: Entry): string => Object.keys(predictionOf(entry)?.moods ?? {})[0] ?? "";
const probabilityOf = (entry: Entry): number => Object.values(predictionOf(entry)?.moods ?? {})[0] ?? -1;
const fileName = (entry: Entry): string => entry.picture.name.split("/").at(-1)!;

/** Sort by mood in the service's order, by a value in descending order, or by name. */
function sortEntries(entries: Entry[], key: SortKey, moods: string[]): Entry[] {
  const moodIndex = (entry: Entry) => (moodOf(entry) ? moods.indexOf(moodOf(entry)) : moods.length);
  const affectOf = (entry: Entry, axis: "valence" | "arousal") => predictionOf(entry)?.affect?.[axis] ?? -2;
  const compare: Record<SortKey, (a: Entry, b: Entry) => number> = {
    mood: (a, b) => moodIndex(a) - moodIndex(b) || probabilityOf(b) - probabilityOf(a),
    confidence: (a, b) => probabilityOf(b) - probabilityOf(a),
    valence: (a, b) => affectOf(b, "valence") - affectOf(a, "valence"),
    arousal: (a, b) => affectOf(b, "arousal") - affectOf(a, "arousal"),
    name: (a, b) => fileName(a).localeCompare(fileName(b), undefined, { numeric: true }),
  };
  return entries.toSorted(compare[key]);
}

interface GalleryProps {
  entries: Entry[];
  error: string;
  retry: () => void;
  labels: Labels;
  /** The gallery keeps its state while the detail view of one of its pictures is open. */
  isHidden: boolean;
  onOpen: (picture: Picture) => void;
}

export function Gallery({ entries, error, retry, labels, isHidden, onOpen }: GalleryProps) {
  const [sortKey, setSortKey] = useState<SortKey>("mood");
  const [filter, setFilter] = useState("");
  const openedTile = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isHidden) openedTile.current?.focus();
  }, [isHidden]);
  const moods = labels.moods.map(({ mood }) => mood);
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(moodOf(entry), (counts.get(moodOf(entry)) ?? 0) + 1);
  const nDone = entries.filter((entry) => entry.result).length;
  const displayed = sortEntries(
    entries.filter((entry) => !filter || moodOf(entry) === filter),
    sortKey,
    moods,
  );
  return (
    <section class="gallery" hidden={isHidden} aria-labelledby="gallery-title">
      <div class="heading">
        <h2 id="gallery-title">{entries.length} pictures</h2>
        <label class="choice">
          Sort by{" "}
          <select value={sortKey} onChange={(event) => setSortKey(event.currentTarget.value as SortKey)}>
            {SORT_KEYS.map((key) => (
              <option key={key} value={key}>
                {key}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="chips" role="group" aria-label="Filter by mood">
        <button type="button" aria-pressed={!filter} onClick={() => setFilter("")}>
          All
        </button>
        {moods
          .filter((mood) => counts.has(mood))
          .map((mood) => (
            <button key={mood} type="button" aria-pressed={filter === mood} onClick={() => setFilter(mood)}>
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

function Tile({ entry, onOpen }: { entry: Entry; onOpen: (tile: HTMLElement) => void }) {
  const { thumbnail, result } = entry;
  const mood = moodOf(entry);
  return (
    <li data-mood={mood || undefined}>
      <button type="button" disabled={!mood} onClick={(event) => onOpen(event.currentTarget)}>
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
