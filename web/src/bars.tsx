import type { Mood } from "./service.ts";
import { colourOf, Face, percent, titled } from "./moods.tsx";

interface BarsProps {
  moods: Mood[];
  probabilities: Record<string, number>;
  /** What they were before something was changed. */
  before?: Record<string, number> | undefined;
  top?: number;
  explained?: string | undefined;
  onExplain?: (mood: string) => void;
}

/** The moods in their fixed order; of all but the `top` most probable ones, only the name is left. */
export function Bars({ moods, probabilities, before, top = moods.length, explained, onExplain }: BarsProps) {
  const strongest = Object.keys(probabilities)
    .sort((a, b) => probabilities[b]! - probabilities[a]!)
    .slice(0, top);
  return (
    <ul class="bars">
      {moods
        .filter(({ mood }) => strongest.includes(mood))
        .map(({ mood }) => (
          <li key={mood} data-mood={mood} class={mood === strongest[0] ? "first" : undefined}>
            <Bar
              mood={mood}
              share={probabilities[mood]!}
              was={before?.[mood]}
              isExplained={mood === explained}
              onExplain={onExplain}
            />
          </li>
        ))}
    </ul>
  );
}

interface BarProps {
  mood: string;
  share: number;
  was: number | undefined;
  isExplained: boolean;
  onExplain: ((mood: string) => void) | undefined;
}

function Bar({ mood, share, was, isExplained, onExplain }: BarProps) {
  const change = was === undefined ? 0 : Math.round(100 * share) - Math.round(100 * was);
  const content = (
    <>
      <Face mood={mood} />
      <span class="name">{titled(mood)}</span>
      <span class="track">
        <span
          class="fill"
          style={{ transform: `translateX(${100 * (share - 1)}%)`, backgroundColor: colourOf(mood) }}
        />
        {was !== undefined && change !== 0 && <span class="was" style={{ left: `${100 * was}%` }} />}
      </span>
      <span class="share">
        {percent(share)}
        {change !== 0 && (
          <small>
            {change > 0 ? "▲" : "▼"} {Math.abs(change)}
            <span class="unseen"> points from before</span>
          </small>
        )}
      </span>
    </>
  );
  if (!onExplain) return <div class="bar">{content}</div>;
  return (
    <button type="button" class="bar" aria-pressed={isExplained} onClick={() => onExplain(mood)}>
      {content}
    </button>
  );
}
