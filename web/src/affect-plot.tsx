import { moodColour, percent, titleCase } from "./moods.tsx";
import type { Affect, Mood } from "./service.ts";

const SIDE = 300;
const x = (valence: number): number => (SIDE / 2) * (1 + valence);
const y = (arousal: number): number => (SIDE / 2) * (1 - arousal);
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

type LabelPosition = [dx: number, dy: number, anchor: "start" | "middle" | "end"];
const RIGHT: LabelPosition = [9, 4, "start"];
const LEFT: LabelPosition = [-9, 4, "end"];
// Positions that keep labels inside the plot and prevent them from overlapping.
const LABEL_POSITIONS: Record<string, LabelPosition> = {
  excitement: LEFT,
  anger: LEFT,
  contentment: [0, 18, "middle"],
};

interface AffectPlotProps {
  moods: Mood[];
  affect: Affect;
  previous?: Affect | null | undefined;
  trail?: Affect[];
}

/** Valence (horizontal) and arousal (vertical) of the picture and of the moods. */
export function AffectPlot({ moods, affect, previous, trail = [] }: AffectPlotProps) {
  const values = `Valence ${signed(affect.valence)}, arousal ${signed(affect.arousal)}`;
  return (
    <figure class="affect">
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={`${values}, each from −1 to +1.`}>
        <rect class="background" x="0.5" y="0.5" width={SIDE - 1} height={SIDE - 1} rx="14" />
        <path class="axis" d={`M0 ${SIDE / 2}H${SIDE}M${SIDE / 2} 0V${SIDE}`} />
        <text class="end" x="10" y={SIDE / 2 - 7}>
          unpleasant
        </text>
        <text class="end" x={SIDE - 10} y={SIDE / 2 - 7} text-anchor="end">
          pleasant
        </text>
        <text class="end" x={SIDE / 2 + 7} y="19">
          excited
        </text>
        <text class="end" x={SIDE / 2 + 7} y={SIDE - 10}>
          calm
        </text>
        {moods.map(({ mood, valence, arousal }) => {
          if (valence === null || arousal === null) return null;
          const [dx, dy, anchor] = LABEL_POSITIONS[mood] ?? RIGHT;
          return (
            <g key={mood}>
              <circle cx={x(valence)} cy={y(arousal)} r="5" fill={moodColour(mood)} />
              <text x={x(valence) + dx} y={y(arousal) + dy} text-anchor={anchor}>
                {titleCase(mood)}
              </text>
            </g>
          );
        })}
        <polyline
          class="trail"
          points={trail.map((point) => `${x(point.valence)},${y(point.arousal)}`).join(" ")}
        />
        {previous && <circle class="previous" cx={x(previous.valence)} cy={y(previous.arousal)} r="9" />}
        <g class="current" style={{ transform: `translate(${x(affect.valence)}px, ${y(affect.arousal)}px)` }}>
          <circle r="14" class="glow" />
          <circle r="7" />
        </g>
      </svg>
      <figcaption>
        {values} <span class="muted">· {percent(affect.positive)} pleasant</span>
      </figcaption>
    </figure>
  );
}
