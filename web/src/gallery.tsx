// Many pictures, sorted and filtered by mood.

import { useEffect, useRef, useState } from "preact/hooks";

import type { Entry } from "./album.ts";
import { Face, percent, titled } from "./moods.tsx";
import { Trouble } from "./parts.tsx";
import type { Picture } from "./pictures.ts";
import { isFailed, type Labels, type Told } from "./service.ts";

type Sorting = "mood" | "sure" | "pleasant" | "stirring" | "name";
const SORTINGS: Record<Sorting, string> = {
  mood: "by mood",
  sure: "surest first",
  pleasant: "most pleasant first",
  stirring: "most stirring first",
  name: "by name",
};

const told = (entry: Entry): Told | undefined =>
  entry.answer && !isFailed(entry.answer) ? entry.answer : undefined;
const moodOf = (entry: Entry): string => Object.keys(told(entry)?.moods ?? {})[0] ?? "";
const shareOf = (entry: Entry): number => Object.values(told(entry)?.moods ?? {})[0] ?? -1;

const fileName = (entry: Entry): string => entry.picture.name.split("/").at(-1)!;

function sorted(entries: Entry[], sorting: Sorting, order: string[]): Entry[] {
  const place = (entry: Entry) => (moodOf(entry) ? order.indexOf(moodOf(entry)) : order.length);
  const compare: Record<Sorting, (a: Entry, b: Entry) => number> = {
    mood: (a, b) => place(a) - place(b) || shareOf(b) - shareOf(a),
    sure: (a, b) => shareOf(b) - shareOf(a),
    pleasant: (a, b) => (told(b)?.affect?.valence ?? -2) - (told(a)?.affect?.valence ?? -2),
    stirring: (a, b) => (told(b)?.affect?.arousal ?? -2) - (told(a)?.affect?.arousal ?? -2),
    name: (a, b) => fileName(a).localeCompare(fileName(b), undefined, { numeric: true }),
  };
  return entries.toSorted(compare[sorting]);
}

interface GalleryProps {
  entries: Entry[];
  error: string;
  goOn: () => void;
  labels: Labels;
  /** While one of the pictures is looked at, the gallery waits as it was. */
  isHidden: boolean;
  onOpen: (picture: Picture) => void;
}

export function Gallery({ entries, error, goOn, labels, isHidden, onOpen }: GalleryProps) {
  const [sorting, setSorting] = useState<Sorting>("mood");
  const [filter, setFilter] = useState("");
  const opened = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isHidden) opened.current?.focus();
  }, [isHidden]);
  const order = labels.moods.map(({ mood }) => mood);
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(moodOf(entry), (counts.get(moodOf(entry)) ?? 0) + 1);
  const n_done = entries.filter((entry) => entry.answer).length;
  const shown = sorted(
    entries.filter((entry) => !filter || moodOf(entry) === filter),
    sorting,
    order,
  );
  return (
    <section class="gallery" hidden={isHidden} aria-labelledby="gallery-title">
      <div class="heading">
        <h2 id="gallery-title">{entries.length} pictures</h2>
        <label class="choice">
          Sort{" "}
          <select value={sorting} onChange={(event) => setSorting(event.currentTarget.value as Sorting)}>
            {Object.entries(SORTINGS).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="chips" role="group" aria-label="Only one mood">
        <button type="button" aria-pressed={!filter} onClick={() => setFilter("")}>
          All
        </button>
        {order
          .filter((mood) => counts.has(mood))
          .map((mood) => (
            <button key={mood} type="button" aria-pressed={filter === mood} onClick={() => setFilter(mood)}>
              <Face mood={mood} size={20} /> {titled(mood)} {counts.get(mood)}
            </button>
          ))}
      </div>
      <p class="quiet" role="status">
        {n_done < entries.length ? `${n_done} of ${entries.length} looked at` : "All looked at"}
      </p>
      {n_done < entries.length && !error && (
        <progress value={n_done} max={entries.length} aria-label="Pictures looked at" />
      )}
      <Trouble>{error}</Trouble>
      {error && (
        <div class="buttons">
          <button type="button" onClick={goOn}>
            Go on
          </button>
        </div>
      )}
      <ul class="tiles">
        {shown.map((entry) => (
          <Tile
            key={entry.picture.id}
            entry={entry}
            onOpen={(tile) => {
              opened.current = tile;
              onOpen(entry.picture);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

function Tile({ entry, onOpen }: { entry: Entry; onOpen: (tile: HTMLElement) => void }) {
  const { thumbnail, answer } = entry;
  const mood = moodOf(entry);
  return (
    <li data-mood={mood || undefined}>
      <button type="button" disabled={!mood} onClick={(event) => onOpen(event.currentTarget)}>
        {thumbnail ? <img src={thumbnail} alt="" /> : <span class="blank" />}
        <span class="caption">
          {mood && (
            <>
              <Face mood={mood} size={22} />
              <b>{titled(mood)}</b> {percent(shareOf(entry))}
            </>
          )}
          {answer && isFailed(answer) && <span class="trouble">{answer.error.detail.replace(/^\d+: /, "")}</span>}
        </span>
        <span class="quiet file">{fileName(entry)}</span>
      </button>
    </li>
  );
}
