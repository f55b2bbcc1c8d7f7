import { moodColour, MoodFace } from "./moods.tsx";
import type { Mood } from "./service.ts";
import { integer, moodTitle, percent, picture as texts } from "./texts.ts";

interface MoodBarsProps {
  moods: Mood[];
  probabilities: Record<string, number>;
  /** The probabilities before the user turned tags off. */
  previous?: Record<string, number> | undefined;
  top?: number;
  explained?: string | undefined;
  onExplain?: (mood: string) => void;
}

/** Bars for the `top` most probable moods, always in the same order. */
export function MoodBars({
  moods,
  probabilities,
  previous,
  top = moods.length,
  explained,
  onExplain,
}: MoodBarsProps) {
  const mostProbable = Object.keys(probabilities)
    .sort((a, b) => probabilities[b]! - probabilities[a]!)
    .slice(0, top);
  return (
    <ul class="bars">
      {moods
        .filter(({ mood }) => mostProbable.includes(mood))
        .map(({ mood }) => (
          <li key={mood} data-mood={mood} class={mood === mostProbable[0] ? "first" : undefined}>
            <MoodBar
              mood={mood}
              probability={probabilities[mood]!}
              previous={previous?.[mood]}
              isExplained={mood === explained}
              onExplain={onExplain}
            />
          </li>
        ))}
    </ul>
  );
}

interface MoodBarProps {
  mood: string;
  probability: number;
  previous: number | undefined;
  isExplained: boolean;
  onExplain: ((mood: string) => void) | undefined;
}

function MoodBar({ mood, probability, previous, isExplained, onExplain }: MoodBarProps) {
  const change = previous === undefined ? 0 : Math.round(100 * probability) - Math.round(100 * previous);
  const content = (
    <>
      <MoodFace mood={mood} />
      <span class="name">{moodTitle(mood)}</span>
      <span class="track">
        <span
          class="fill"
          style={{ transform: `translateX(calc(var(--inline-sign) * ${100 * (probability - 1)}%))`, backgroundColor: moodColour(mood) }}
        />
        {previous !== undefined && change !== 0 && (
          <span class="previous" style={{ insetInlineStart: `${100 * previous}%` }} />
        )}
      </span>
      <span class="probability">
        {percent(probability)}
        {change !== 0 && (
          <small>
            <span aria-hidden="true">
              {change > 0 ? "▲" : "▼"} {integer(Math.abs(change))}
            </span>
            <span class="visually-hidden">{texts.changedBy(change)}</span>
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
