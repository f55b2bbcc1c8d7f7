// Valence (horizontal) and arousal (vertical) of pictures and of the moods.

import type { ComponentChildren } from "preact";

import { moodColour } from "./moods.tsx";
import type { Affect, Mood } from "./service.ts";
import { affectPlot as texts, moodTitle } from "./texts.ts";

const SIDE = 300;
export const plotX = (valence: number): number => (SIDE / 2) * (1 + valence);
export const plotY = (arousal: number): number => (SIDE / 2) * (1 - arousal);

type LabelPosition = [dx: number, dy: number, anchor: "start" | "middle" | "end"];
const RIGHT: LabelPosition = [9, 4, "start"];
const LEFT: LabelPosition = [-9, 4, "end"];
// Positions that keep labels inside the plot and prevent them from overlapping.
const LABEL_POSITIONS: Record<string, LabelPosition> = {
  excitement: LEFT,
  anger: LEFT,
  contentment: [0, 18, "middle"],
};

interface AffectAxesProps {
  moods: Mood[];
  /** The accessible name, which states what the children show. */
  label: string;
  /** The pictures, in the coordinates of `plotX` and `plotY`. */
  children: ComponentChildren;
}

/** The plane with its axes and the moods. */
export function AffectAxes({ moods, label, children }: AffectAxesProps) {
  return (
    <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={label}>
      <rect class="background" x="0.5" y="0.5" width={SIDE - 1} height={SIDE - 1} rx="14" />
      <path class="axis" d={`M0 ${SIDE / 2}H${SIDE}M${SIDE / 2} 0V${SIDE}`} />
      <text class="end" x="10" y={SIDE / 2 - 7}>
        {texts.unpleasant}
      </text>
      <text class="end" x={SIDE - 10} y={SIDE / 2 - 7} text-anchor="end">
        {texts.pleasant}
      </text>
      <text class="end" x={SIDE / 2 + 7} y="19">
        {texts.excited}
      </text>
      <text class="end" x={SIDE / 2 + 7} y={SIDE - 10}>
        {texts.calm}
      </text>
      {moods.map(({ mood, valence, arousal }) => {
        if (valence === null || arousal === null) return null;
        const [dx, dy, anchor] = LABEL_POSITIONS[mood] ?? RIGHT;
        return (
          <g key={mood}>
            <circle cx={plotX(valence)} cy={plotY(arousal)} r="5" fill={moodColour(mood)} />
            <text x={plotX(valence) + dx} y={plotY(arousal) + dy} text-anchor={anchor}>
              {moodTitle(mood)}
            </text>
          </g>
        );
      })}
      {children}
    </svg>
  );
}

interface AffectPlotProps {
  moods: Mood[];
  affect: Affect;
  previous?: Affect | null | undefined;
  trail?: Affect[];
}

/** Valence and arousal of one picture. */
export function AffectPlot({ moods, affect, previous, trail = [] }: AffectPlotProps) {
  return (
    <figure class="affect">
      <AffectAxes moods={moods} label={texts.label(affect)}>
        <polyline
          class="trail"
          points={trail.map((point) => `${plotX(point.valence)},${plotY(point.arousal)}`).join(" ")}
        />
        {previous && <circle class="previous" cx={plotX(previous.valence)} cy={plotY(previous.arousal)} r="9" />}
        <g class="current" style={{ transform: `translate(${plotX(affect.valence)}px, ${plotY(affect.arousal)}px)` }}>
          <circle r="14" class="glow" />
          <circle r="7" />
        </g>
      </AffectAxes>
      <figcaption>
        {texts.values(affect)} <span class="muted">· {texts.positive(affect)}</span>
      </figcaption>
    </figure>
  );
}
