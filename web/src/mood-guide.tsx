// The moods on the start screen: each explains itself, and shows samples.

import { useState } from "preact/hooks";

import { useRequest } from "./hooks.ts";
import { MoodFace } from "./moods.tsx";
import { SampleButton } from "./sample-button.tsx";
import { loadSamples } from "./samples.ts";
import type { Mood } from "./service.ts";
import { moodTitle, start as texts } from "./texts.ts";
import "./start.css";

const N_EXAMPLES = 2;

/** The faces of the moods. What the mood under the pointer, with the focus or last clicked means is below them. */
export function MoodGuide({ moods }: { moods: Mood[] }) {
  const [shown, setShown] = useState(moods[0]);
  const samples = useRequest(loadSamples, []);
  const examples = samples.value?.filter(({ mood }) => mood === shown?.mood).slice(0, N_EXAMPLES) ?? [];
  return (
    <div class="mood-guide">
      <ul class="mood-list">
        {moods.map((mood) => (
          <li key={mood.mood}>
            <button
              type="button"
              aria-expanded={mood === shown}
              aria-controls="mood-meaning"
              onClick={() => setShown(mood)}
              onFocus={() => setShown(mood)}
              onPointerEnter={(event) => event.pointerType === "mouse" && setShown(mood)}
            >
              <MoodFace mood={mood.mood} size={40} />
              {moodTitle(mood.mood)}
            </button>
          </li>
        ))}
      </ul>
      {shown && (
        <div class="mood-meaning" id="mood-meaning">
          <div aria-live="polite">
            <h2>{moodTitle(shown.mood)}</h2>
            <p>
              {texts.moodMeanings[shown.mood]} {shown.valence !== null && shown.arousal !== null && texts.affect(shown.valence, shown.arousal)}
            </p>
          </div>
          <ul>
            {examples.map((sample) => (
              <li key={sample.name}>
                <SampleButton sample={sample} isExample />
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
