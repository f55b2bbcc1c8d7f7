// The prediction for one picture and its explanation.

import { useEffect, useRef, useState } from "preact/hooks";

import { AffectPlot } from "./affect-plot.tsx";
import { ErrorMessage } from "./common.tsx";
import { useObjectUrl, useRequest } from "./hooks.ts";
import { MoodBars } from "./mood-bars.tsx";
import { MoodFace, percent, titleCase } from "./moods.tsx";
import { PictureActions } from "./picture-actions.tsx";
import { type Picture, prepareUpload } from "./pictures.ts";
import { type Labels, predict, type Prediction } from "./service.ts";
import { Tags } from "./tags.tsx";

const N_TAGS = 200; // more than are displayed, so that tags with low scores but large contributions are included
const MIN_SECOND_PROBABILITY = 0.05;

interface DetailProps {
  /** Constant during the component's life; `key` creates a new component for each picture. */
  picture: Picture;
  labels: Labels;
}

export function Detail({ picture, labels }: DetailProps) {
  const [mood, setMood] = useState<string>();
  const [tagsOff, setTagsOff] = useState<ReadonlySet<string>>(new Set());
  const [top, setTop] = useState(labels.moods.length);
  const [upload] = useState(() => prepareUpload(picture.file));
  const hasTags = labels.tags.length > 0; // some networks compute no tags
  const section = useRef<HTMLElement>(null);

  // The button that opened this view no longer exists, so the focus moves here.
  useEffect(() => section.current?.focus({ preventScroll: true }), []);

  const original = useRequest(
    async (signal) => predict(await upload, { tags: hasTags ? N_TAGS : 0, explain: "all", mood }, signal),
    [mood],
  );
  const withoutTags = useRequest(
    async (signal) =>
      tagsOff.size ? predict(await upload, { without: tagsOff, explain: "tags" }, signal) : undefined,
    [tagsOff],
  );

  const current = tagsOff.size ? (withoutTags.value ?? original.value) : original.value;
  const first = current && Object.keys(current.moods)[0];
  const toggleTag = (tag: string) => {
    const next = new Set(tagsOff);
    if (!next.delete(tag)) next.add(tag);
    setTagsOff(next);
  };

  return (
    <section
      ref={section}
      tabIndex={-1}
      class="detail"
      aria-busy={original.isLoading}
      aria-label={`Mood of ${picture.name}`}
    >
      <div class="side">
        <PictureWithHeatMap picture={picture} prediction={original.value} />
      </div>
      <div class="answer">
        <ErrorMessage>{original.error && `${picture.name}: ${original.error}`}</ErrorMessage>
        <ErrorMessage>{withoutTags.error}</ErrorMessage>
        {!current && !original.error && <p class="muted">Classifying …</p>}
        {current && first && original.value && (
          <>
            <Headline mood={first} prediction={current} />
            <div class="heading">
              <h3>Mood probabilities</h3>
              <TopChoice nMoods={labels.moods.length} top={top} onChange={setTop} />
            </div>
            <MoodBars
              moods={labels.moods}
              probabilities={current.moods}
              previous={tagsOff.size ? original.value.moods : undefined}
              top={top}
              explained={original.value.explanation?.mood}
              onExplain={setMood}
            />
            <p class="muted">Select a mood to see what contributes to it.</p>
            {current.affect && (
              <AffectPlot
                moods={labels.moods}
                affect={current.affect}
                previous={tagsOff.size ? original.value.affect : undefined}
              />
            )}
            <PictureActions picture={picture} prediction={original.value} />
          </>
        )}
      </div>
      {hasTags && original.value && current && (
        <Tags
          original={original.value}
          current={current}
          off={tagsOff}
          onToggle={toggleTag}
          onReset={() => setTagsOff(new Set())}
        />
      )}
    </section>
  );
}

function Headline({ mood, prediction: { moods } }: { mood: string; prediction: Prediction }) {
  const second = Object.keys(moods)[1];
  return (
    <header class="headline">
      <MoodFace mood={mood} size={64} />
      <div role="status">
        <h2>
          {titleCase(mood)} <span class="probability">{percent(moods[mood]!)}</span>
        </h2>
        <p class="muted">
          {second && moods[second]! > MIN_SECOND_PROBABILITY
            ? `followed by ${second}, ${percent(moods[second]!)}`
            : `no other mood above ${percent(MIN_SECOND_PROBABILITY)}`}
        </p>
      </div>
    </header>
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
      Show{" "}
      <select value={top} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {choices.map((n) => (
          <option key={n} value={n}>
            top {n}
          </option>
        ))}
        <option value={nMoods}>all moods</option>
      </select>
    </label>
  );
}

interface PictureWithHeatMapProps {
  picture: Picture;
  prediction: Prediction | undefined;
}

function PictureWithHeatMap({ picture, prediction }: PictureWithHeatMapProps) {
  const [opacity, setOpacity] = useState(0);
  const url = useObjectUrl(picture.file);
  // Loaded without a size: the browser cannot display the file.
  const [loaded, setLoaded] = useState<{ url: string; size?: [number, number] }>();
  const size = loaded?.url === url ? loaded?.size : undefined;
  const isDisplayable = !(loaded && loaded.url === url && !size);
  const map = prediction?.explanation?.map;
  const range = map && isDisplayable && prediction.explanation!.map_range;
  // Limit the height to 62% of the window and the width to three times the picture's own.
  const width = size && `min(100%, ${(62 * size[0]) / size[1]}vh, ${3 * size[0]}px)`;
  return (
    <figure class="picture">
      <div class="frame" style={size && { width, aspectRatio: `${size[0]} / ${size[1]}` }}>
        {isDisplayable ? (
          <img
            class="photo"
            src={url}
            alt={picture.name}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setLoaded({ url: url!, size: [naturalWidth, naturalHeight] })
            }
            onError={() => setLoaded({ url: url! })}
          />
        ) : (
          <p class="muted no-preview">Your browser cannot display this file.</p>
        )}
        {map && isDisplayable && <img class="heat-map" src={map} alt="" style={{ opacity: opacity / 100 }} />}
      </div>
      {map && (
        <label class="slider">
          <span>Heat map for {prediction.explanation!.mood}</span>
          <input
            type="range"
            min="0"
            max="100"
            value={opacity}
            onInput={(event) => setOpacity(Number(event.currentTarget.value))}
          />
        </label>
      )}
      {range && opacity > 0 && (
        <p class="scale">
          <span class="visually-hidden">Probability in each region:</span>
          <span>{percent(range[0])}</span>
          <span class="colours" />
          <span class="visually-hidden">to</span>
          <span>{percent(range[1])}</span>
        </p>
      )}
      <figcaption class="muted">
        {picture.name}
        {picture.credit && <> · {picture.credit}</>}
      </figcaption>
    </figure>
  );
}
