import { MoodFace, percent, titleCase } from "./moods.tsx";
import type { Prediction } from "./service.ts";

const N_BY_SCORE = 8;
const N_BY_CONTRIBUTION = 4;

/** Return the tags with the highest scores and those of the others that contribute most, by descending score. */
export function tagsToShow(prediction: Prediction): string[] {
  const drops = prediction.explanation?.drops ?? {};
  const byScore = Object.keys(prediction.tags).slice(0, N_BY_SCORE);
  const byContribution = Object.keys(drops)
    .filter((tag) => !byScore.includes(tag))
    .sort((a, b) => Math.abs(drops[b]!) - Math.abs(drops[a]!))
    .slice(0, N_BY_CONTRIBUTION);
  return [...byScore, ...byContribution].sort((a, b) => (prediction.tags[b] ?? 0) - (prediction.tags[a] ?? 0));
}

const percentagePoints = (drop: number): string => {
  const rounded = (100 * Math.abs(drop)).toFixed(1);
  return rounded === "0.0" ? "0.0" : `${drop < 0 ? "−" : "+"}${rounded}`;
};

interface TagsProps {
  /** The prediction with all tags. */
  original: Prediction;
  /** The prediction without the tags that are turned off. */
  current: Prediction;
  off: ReadonlySet<string>;
  onToggle: (tag: string) => void;
  onReset: () => void;
}

export function Tags({ original, current, off, onToggle, onReset }: TagsProps) {
  const drops = original.explanation?.drops ?? {};
  const usesTags = Object.keys(drops).length > 0;
  const mood = original.explanation?.mood ?? "";
  const tags = tagsToShow(original);
  const isAlone = Boolean(original.explanation?.tags_alone);
  const before = original.explanation?.tags_alone ?? original.moods;
  const now = current.explanation?.tags_alone ?? current.moods;
  const first = Object.keys(now)[0]!;
  const largestDrop = Math.max(...tags.map((tag) => Math.abs(drops[tag] ?? 0)), 0.001);
  return (
    <section class="tags" aria-labelledby="tags-title">
      <div class="heading">
        <h3 id="tags-title">Tags</h3>
        <button type="button" class="plain" disabled={off.size === 0} onClick={onReset}>
          Turn all on
        </button>
      </div>
      {(off.size > 0 || isAlone) && (
        <p class="now">
          <MoodFace mood={first} /> {isAlone ? "From the tags alone:" : "Now"} <b>{first}</b> {percent(now[first]!)}
          {off.size > 0 && ` (was ${percent(before[first]!)})`}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">Tag</th>
            <th scope="col" class="number">
              Score
            </th>
            <th scope="col" class="number">
              Contribution to {mood}, <abbr title="percentage points">pp</abbr>
            </th>
          </tr>
        </thead>
        <tbody>
          {tags.map((tag) => (
            <tr key={tag} data-tag={tag} class={off.has(tag) ? "off" : undefined}>
              <th scope="row">
                <label title={tag}>
                  <input
                    type="checkbox"
                    role="switch"
                    checked={!off.has(tag)}
                    disabled={!usesTags}
                    onChange={() => onToggle(tag)}
                  />
                  <span>{titleCase(tag.split(",")[0]!)}</span>
                </label>
              </th>
              <td class="number">{(100 * (original.tags[tag] ?? 0)).toFixed(1)}%</td>
              <td class="number contribution">
                <span class="drop-bar" aria-hidden="true">
                  <span
                    class={(drops[tag] ?? 0) < 0 ? "negative" : "positive"}
                    style={{ width: `${(50 * Math.abs(drops[tag] ?? 0)) / largestDrop}%` }}
                  />
                </span>
                {usesTags ? percentagePoints(drops[tag] ?? 0) : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        {!usesTags
          ? "This model does not use tags."
          : isAlone
            ? "The moods above come from the picture itself. Another model predicts them from the tags alone, which shows how much follows from the tags. A contribution is the drop in this model's probability without the tag, in percentage points. Turn tags off to see its prediction without them."
            : "A contribution is the drop in the mood's probability without the tag, in percentage points. Turn tags off to see the moods without them. If the model also uses the network's embedding, that stays the same, so probabilities may change only slightly."}
      </p>
    </section>
  );
}
