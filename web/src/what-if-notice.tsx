import { MoodFace, ranked } from "./moods.tsx";
import type { Prediction } from "./service.ts";
import { moodName, percent, picture as texts } from "./texts.ts";
import type { WhatIfChanges } from "./what-if.ts";
import "./what-if.css";

/** States that the moods are not those of the picture itself, and returns to them. */
export function WhatIfNotice({ whatIf, original }: { whatIf: WhatIfChanges; original: Prediction }) {
  const { tagsOff, strokes, tagsOnly, isChanged } = whatIf;
  if (!isChanged && !tagsOnly) return null;
  const [[mood, probability]] = ranked(original.moods) as [[string, number]];
  return (
    <div class="what-if">
      <p>
        <b>{texts.whatIf(tagsOff.size, strokes.length > 0, tagsOnly)}</b>
        <br />
        <span class="unchanged">
          {texts.unchanged} <MoodFace mood={mood} size={18} /> {moodName(mood)} {percent(probability)}
        </span>
      </p>
      <div class="buttons">
        <button type="button" disabled={!whatIf.canUndo} onClick={whatIf.undo}>
          {texts.undoChange}
        </button>
        <button
          type="button"
          onClick={() => whatIf.change({ tagsOff: new Set(), strokes: [], tagsOnly: false }, texts.allReset)}
        >
          {texts.resetAll}
        </button>
      </div>
    </div>
  );
}
