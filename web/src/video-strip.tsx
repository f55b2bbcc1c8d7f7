// The moods of a video over time, as a slider that goes to a time.

import { useMemo, useState } from "preact/hooks";

import { moodColour, MoodFace } from "./moods.tsx";
import type { Mood } from "./service.ts";
import { clock, video as texts } from "./texts.ts";
import { scenes, type Span, spanAt } from "./timeline.ts";

const WIDTH = 1000;
const HEIGHT = 100;
const STEPS = 1000;
const MIN_FACE_SHARE = 0.045; // of the width

interface VideoStripProps {
  parts: Span[];
  durationS: number;
  moods: Mood[];
  timeS: number;
  onSeek: (timeS: number) => void;
}

export function VideoStrip({ parts, durationS, moods, timeS, onSeek }: VideoStripProps) {
  const [hoveredS, setHoveredS] = useState<number>();
  const areas = useMemo(() => stackedAreas(parts, durationS, moods), [parts, durationS, moods]);
  const faces = useMemo(
    () => scenes(parts).filter(({ startS, endS }) => (endS - startS) / durationS >= MIN_FACE_SHARE),
    [parts, durationS],
  );
  const describe = (time: number): string => {
    const probabilities = Object.entries(spanAt(parts, time)?.moment.moods ?? {});
    if (!probabilities.length) return texts.notClassified;
    return texts.moodAt(...probabilities.reduce((best, entry) => (entry[1] > best[1] ? entry : best)));
  };
  const hover = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    setHoveredS(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * durationS);
  };
  const shownS = hoveredS ?? timeS;
  // Time goes from left to right in every language, as in the controls of the video.
  return (
    <div class="video-strip" dir="ltr">
      <div class="video-faces">
        {faces.map(({ mood, startS, endS }) => (
          <span key={startS} style={{ left: `${(50 * (startS + endS)) / durationS}%` }}>
            <MoodFace mood={mood} size={20} />
          </span>
        ))}
      </div>
      <div class="video-areas" title={texts.stripHelp}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {areas.map(({ mood, path }) => (
            <path key={mood} d={path} fill={moodColour(mood)} />
          ))}
        </svg>
        <input
          type="range"
          min={0}
          max={durationS}
          step={durationS / STEPS}
          value={timeS}
          aria-label={texts.position}
          aria-valuetext={texts.positionOf(timeS, durationS, describe(timeS))}
          onInput={(event) => onSeek(event.currentTarget.valueAsNumber)}
          onPointerMove={hover}
          onPointerLeave={() => setHoveredS(undefined)}
        />
      </div>
      <p class="video-times muted">
        <span>{clock(0)}</span>
        <span class="video-moment">{texts.momentAt(shownS, describe(shownS))}</span>
        <span>{clock(durationS)}</span>
      </p>
    </div>
  );
}

/** Return an area for each mood, whose height at a time is the mood's probability, on top of those before it. */
function stackedAreas(parts: Span[], durationS: number, moods: Mood[]): { mood: string; path: string }[] {
  const below = parts.map(() => 0);
  return moods.map(({ mood }) => {
    const rectangles = parts.map(({ startS, endS, moment }, i) => {
      const [x, end] = [startS, endS].map((time) => ((WIDTH * time) / durationS).toFixed(1));
      const base = below[i]!;
      const top = Math.min(1, base + (moment.moods[mood] ?? 0));
      below[i] = top;
      const [y, bottom] = [top, base].map((share) => (HEIGHT * (1 - share)).toFixed(1));
      return `M${x} ${y}H${end}V${bottom}H${x}Z`;
    });
    return { mood, path: rectangles.join("") };
  });
}
