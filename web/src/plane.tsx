import { colourOf, percent, titled } from "./moods.tsx";
import type { Affect, Mood } from "./service.ts";

const SIDE = 300;
const x = (valence: number): number => (SIDE / 2) * (1 + valence);
const y = (arousal: number): number => (SIDE / 2) * (1 - arousal);
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

type Place = [dx: number, dy: number, anchor: "start" | "middle" | "end"];
const RIGHT: Place = [9, 4, "start"];
const LEFT: Place = [-9, 4, "end"];
// Where the names of some moods stand, so that none leaves the frame or covers another.
const PLACES: Record<string, Place> = { excitement: LEFT, anger: LEFT, contentment: [0, 18, "middle"] };

interface PlaneProps {
  moods: Mood[];
  affect: Affect;
  before?: Affect | null | undefined;
  trail?: Affect[];
}

/** Where a picture stands between unpleasant and pleasant, calm and stirring. */
export function Plane({ moods, affect, before, trail = [] }: PlaneProps) {
  const words = `Valence ${signed(affect.valence)}, arousal ${signed(affect.arousal)}`;
  return (
    <figure class="plane">
      <svg viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={`${words}, both between −1 and +1.`}>
        <rect class="ground" x="0.5" y="0.5" width={SIDE - 1} height={SIDE - 1} rx="14" />
        <path class="axis" d={`M0 ${SIDE / 2}H${SIDE}M${SIDE / 2} 0V${SIDE}`} />
        <text class="end" x="10" y={SIDE / 2 - 7}>
          unpleasant
        </text>
        <text class="end" x={SIDE - 10} y={SIDE / 2 - 7} text-anchor="end">
          pleasant
        </text>
        <text class="end" x={SIDE / 2 + 7} y="19">
          stirring
        </text>
        <text class="end" x={SIDE / 2 + 7} y={SIDE - 10}>
          calm
        </text>
        {moods.map(({ mood, valence, arousal }) => {
          if (valence === null || arousal === null) return null;
          const [dx, dy, anchor] = PLACES[mood] ?? RIGHT;
          return (
            <g key={mood} class="anchor">
              <circle cx={x(valence)} cy={y(arousal)} r="5" fill={colourOf(mood)} />
              <text x={x(valence) + dx} y={y(arousal) + dy} text-anchor={anchor}>
                {titled(mood)}
              </text>
            </g>
          );
        })}
        <polyline class="trail" points={trail.map((past) => `${x(past.valence)},${y(past.arousal)}`).join(" ")} />
        {before && <circle class="was" cx={x(before.valence)} cy={y(before.arousal)} r="9" />}
        <g class="here" style={{ transform: `translate(${x(affect.valence)}px, ${y(affect.arousal)}px)` }}>
          <circle r="14" class="glow" />
          <circle r="7" />
        </g>
      </svg>
      <figcaption>
        {words} <span class="quiet">· {percent(affect.positive)} pleasant</span>
      </figcaption>
    </figure>
  );
}
