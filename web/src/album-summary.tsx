// The moods of an album at a glance: a sentence, a bar with the share of each mood, and valence and arousal.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Dot } from "./affect-dots.ts";
import { AffectMap } from "./affect-map.tsx";
import { type Region, regionBetween } from "./affect-region.ts";
import { AlbumExport } from "./album-export.tsx";
import { type Arrangement, fileName, isSelected, moodOf, predictionOf, probabilityOf } from "./album-order.ts";
import { MoodFace, moodColour } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Entry } from "./predictions.ts";
import type { Labels } from "./service.ts";
import { comparison, moodTitle, percent, summary as texts } from "./texts.ts";
import "./affect-map.css";
import "./album-summary.css";

const UPDATE_MS = 250; // while the album is loading
const UPDATE_PER_PICTURE_MS = 0.5;
const MIN_SHARE_WITH_FACE = 0.06;

interface AlbumSummaryProps {
  entries: Entry[];
  labels: Labels;
  /** How the pictures are selected and sorted below. */
  arrangement: Arrangement;
  onRegion: (region: Region | undefined) => void;
  onCompare: () => void;
  onOpen: (picture: Picture) => void;
}

export function AlbumSummary({ entries, labels, arrangement, onRegion, onCompare, onOpen }: AlbumSummaryProps) {
  const { region } = arrangement;
  const current = useThrottled(entries);
  const shares = useMemo(() => moodShares(current, labels), [current, labels]);
  const dots = useMemo(() => toDots(current), [current]);
  const selected = useMemo(
    () => current.filter((entry) => isSelected(entry, arrangement)),
    [current, JSON.stringify(arrangement)],
  );
  const selectedPictures = useMemo(() => new Set(selected.map(({ picture }) => picture)), [selected]);
  if (!shares.length) return null;
  return (
    <section class="summary" aria-label={texts.title}>
      <div class="shares">
        <p class="verdict">{texts.verdict(shares)}</p>
        <ShareBar shares={shares} />
        {region && (
          <p class="selection" aria-live="polite">
            {texts.selected(selected.length)}
            <button type="button" onClick={() => onRegion(undefined)}>
              {texts.clearRegion}
            </button>
          </p>
        )}
        {dots.length > 0 && <RegionForm region={region} onRegion={onRegion} />}
        <div class="buttons">
          <button type="button" onClick={onCompare}>
            {comparison.title}
          </button>
        </div>
        <AlbumExport entries={selected} labels={labels} arrangement={arrangement} />
      </div>
      {dots.length > 0 && (
        <AffectMap {...{ moods: labels.moods, dots, region, selected: selectedPictures, onRegion, onOpen }} />
      )}
    </section>
  );
}

/** Return entries that change at most four times per second, or more rarely if there are many; the last are always returned. */
function useThrottled(value: Entry[]): Entry[] {
  const [current, setCurrent] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (value === current || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setCurrent(latest.current);
    }, Math.max(UPDATE_MS, UPDATE_PER_PICTURE_MS * value.length));
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return current;
}

/** A mood, how many pictures have it as the most probable one, and the share of all classified pictures. */
export interface MoodShare {
  mood: string;
  count: number;
  share: number;
}

/** Return the moods that occur, in the order of the service. */
function moodShares(entries: Entry[], labels: Labels): MoodShare[] {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const mood = moodOf(entry);
    if (mood) counts.set(mood, (counts.get(mood) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return labels.moods
    .map(({ mood }) => ({ mood, count: counts.get(mood) ?? 0 }))
    .filter(({ count }) => count)
    .map(({ mood, count }) => ({ mood, count, share: count / total }));
}

function toDots(entries: Entry[]): Dot[] {
  return entries.flatMap((entry) => {
    const affect = predictionOf(entry)?.affect;
    if (!affect) return [];
    return {
      picture: entry.picture,
      name: fileName(entry),
      mood: moodOf(entry),
      probability: probabilityOf(entry),
      thumbnail: entry.thumbnail,
      valence: affect.valence,
      arousal: affect.arousal,
    };
  });
}

function ShareBar({ shares }: { shares: MoodShare[] }) {
  return (
    <div class="share-bar" role="img" aria-label={texts.shares(shares)}>
      {shares.map(({ mood, share }) => (
        <span
          key={mood}
          data-mood={mood}
          title={`${moodTitle(mood)} ${percent(share)}`}
          style={{ flexGrow: share, backgroundColor: moodColour(mood) }}
        >
          {share >= MIN_SHARE_WITH_FACE && <MoodFace mood={mood} size={22} />}
        </span>
      ))}
    </div>
  );
}

const EDGES = [
  ["valence", 0],
  ["valence", 1],
  ["arousal", 0],
  ["arousal", 1],
] as const;

/** Fields that select a region without a pointer. */
function RegionForm({ region, onRegion }: {
  region: Region | undefined;
  onRegion: (region: Region | undefined) => void;
}) {
  const whole: Region = { valence: [-1, 1], arousal: [-1, 1] };
  const { valence, arousal } = region ?? whole;
  const change = (axis: "valence" | "arousal", end: 0 | 1, value: number) => {
    if (!(Math.abs(value) <= 1)) return; // incomplete
    const changed = { valence: [...valence], arousal: [...arousal] };
    changed[axis][end] = value;
    onRegion(
      regionBetween(
        { valence: changed.valence[0]!, arousal: changed.arousal[0]! },
        { valence: changed.valence[1]!, arousal: changed.arousal[1]! },
      ),
    );
  };
  return (
    <details class="region-form">
      <summary>{texts.selectRegion}</summary>
      <div class="fields">
        {EDGES.map(([axis, end]) => (
          <label key={`${axis}${end}`}>
            {texts.regionEdges[axis][end]}
            <input
              type="number"
              min="-1"
              max="1"
              step="0.05"
              value={(axis === "valence" ? valence : arousal)[end]}
              onChange={(event) => change(axis, end, event.currentTarget.valueAsNumber)}
            />
          </label>
        ))}
      </div>
    </details>
  );
}
