// The prediction for one picture and its explanation.

import { useEffect, useRef, useState } from "preact/hooks";

import { AffectPlot } from "./affect-plot.tsx";
import { useDetailPredictions, useDisplayableFile, usePaintable } from "./picture-predictions.ts";
import { Headline } from "./headline.tsx";
import { MoodBars } from "./mood-bars.tsx";
import { usePaintingTools } from "./painting-tools.tsx";
import { PictureActions } from "./picture-actions.tsx";
import { PictureView } from "./picture-view.tsx";
import { type Picture, prepareUpload } from "./pictures.ts";
import { RetryableError } from "./retryable-error.tsx";
import type { Labels } from "./service.ts";
import { Tags } from "./tags.tsx";
import { picture as texts } from "./texts.ts";
import { useWhatIf } from "./what-if.ts";
import { WhatIfNotice } from "./what-if-notice.tsx";
import "./picture-detail.css";

export interface DetailProps {
  /** Constant during the component's life; `key` creates a new component for each picture. */
  picture: Picture;
  labels: Labels;
}

export function PictureDetail({ picture, labels }: DetailProps) {
  const [mood, setMood] = useState<string>();
  const [top, setTop] = useState(labels.moods.length);
  const [upload] = useState(() => prepareUpload(picture.file));
  const section = useRef<HTMLElement>(null);
  const whatIf = useWhatIf();
  const tools = usePaintingTools();
  const shown = useDisplayableFile(picture, upload);
  const paintable = usePaintable(shown, upload, tools.isOpen || whatIf.strokes.length > 0);
  const { original, baseline, current, isLoading, error, retry } = useDetailPredictions(
    picture,
    upload,
    paintable.pixels,
    labels,
    mood,
    whatIf,
  );
  const explained = mood ?? original?.explanation?.mood ?? undefined;
  const previous = whatIf.isChanged ? baseline : undefined;

  // The button that opened this view no longer exists, so the focus moves here.
  useEffect(() => section.current?.focus({ preventScroll: true }), []);

  return (
    <section
      ref={section}
      tabIndex={-1}
      class="detail picture-detail"
      aria-busy={isLoading}
      aria-label={texts.moodOf(picture.name)}
    >
      <div class="side">
        <PictureView
          picture={picture}
          shown={shown}
          mapped={whatIf.tagsOnly ? undefined : original}
          baseline={baseline}
          current={current}
          mood={explained}
          painting={{ ...tools, ...paintable }}
          whatIf={whatIf}
        />
      </div>
      <div class="answer">
        <div class="lead-in">
          {current ? <Headline prediction={current} /> : !error && <p class="muted">{texts.classifying}</p>}
          <RetryableError error={error} onRetry={() => (retry(), shown.retry())} />
        </div>
        {current && original && (
          <>
            <WhatIfNotice whatIf={whatIf} original={original} />
            <div class="heading">
              <h3>{texts.probabilities}</h3>
              <TopChoice nMoods={labels.moods.length} top={top} onChange={setTop} />
            </div>
            <MoodBars
              moods={labels.moods}
              probabilities={current.moods}
              previous={previous?.moods}
              top={top}
              explained={explained}
              onExplain={setMood}
            />
            <p class="muted">{texts.selectMood}</p>
            {current.affect && (
              <AffectPlot moods={labels.moods} affect={current.affect} previous={previous?.affect} />
            )}
            <PictureActions picture={picture} prediction={original} />
          </>
        )}
      </div>
      {labels.tags.length > 0 && original && baseline && current && (
        <Tags baseline={baseline} current={current} whatIf={whatIf} hasTagsOnly={labels.tags_only ?? false} />
      )}
    </section>
  );
}

interface TopChoiceProps {
  nMoods: number;
  top: number;
  onChange: (top: number) => void;
}

/** Choose how many of the most probable moods are displayed. */
function TopChoice({ nMoods, top, onChange }: TopChoiceProps) {
  const choices = [1, 3, 5].filter((n) => n < nMoods);
  return (
    <label class="choice">
      {texts.show}{" "}
      <select value={top} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {choices.map((n) => (
          <option key={n} value={n}>
            {texts.top(n)}
          </option>
        ))}
        <option value={nMoods}>{texts.allMoods}</option>
      </select>
    </label>
  );
}
