import { MoodFace, ranked } from "./moods.tsx";
import type { Prediction } from "./service.ts";
import { moodName, moodTitle, percent, picture as texts } from "./texts.ts";

const MIN_SECOND_PROBABILITY = 0.05;

/** The most probable mood of a picture, and the next one. */
export function Headline({ prediction: { moods } }: { prediction: Prediction }) {
  const [mood, second] = ranked(moods).map(([name]) => name);
  if (!mood) return null;
  return (
    <header class="headline">
      <MoodFace mood={mood} size={64} />
      <div role="status">
        <h2>
          {moodTitle(mood)} <span class="probability">{percent(moods[mood]!)}</span>
        </h2>
        <p class="muted">
          {second && moods[second]! > MIN_SECOND_PROBABILITY
            ? texts.followedBy(moodName(second), percent(moods[second]!))
            : texts.noOtherMood(percent(MIN_SECOND_PROBABILITY))}
        </p>
      </div>
    </header>
  );
}
