import { MoodFace, ranked } from "./moods.tsx";
import type { Prediction } from "./service.ts";
import { capitalised, moodName, percent, percentagePoints, picture as texts } from "./texts.ts";
import { type WhatIfChanges, withToggled } from "./what-if.ts";

const N_BY_SCORE = 8;
const N_BY_CONTRIBUTION = 4;
const HARDLY = 0.01;

/** Return the tags with the highest scores and those of the others that contribute most, by descending score. */
export function tagsToShow(prediction: Prediction): string[] {
  const drops = prediction.explanation?.drops ?? {};
  const byScore = ranked(prediction.tags)
    .slice(0, N_BY_SCORE)
    .map(([tag]) => tag);
  const byContribution = Object.keys(drops)
    .filter((tag) => !byScore.includes(tag))
    .sort((a, b) => Math.abs(drops[b]!) - Math.abs(drops[a]!))
    .slice(0, N_BY_CONTRIBUTION);
  return [...byScore, ...byContribution].sort((a, b) => (prediction.tags[b] ?? 0) - (prediction.tags[a] ?? 0));
}

interface TagsProps {
  /** The prediction with all tags. */
  baseline: Prediction;
  /** The prediction without the tags that are turned off. */
  current: Prediction;
  whatIf: WhatIfChanges;
  /** Whether the service can predict the moods from the tags alone. */
  hasTagsOnly: boolean;
}

export function Tags({ baseline, current, whatIf, hasTagsOnly }: TagsProps) {
  const { tagsOff, tagsOnly } = whatIf;
  const drops = baseline.explanation?.drops ?? {};
  const usesTags = Object.keys(drops).length > 0;
  const mood = baseline.explanation?.mood ?? "";
  const alone = baseline.explanation?.tags_alone;
  const before = alone ?? baseline.moods;
  const now = current.explanation?.tags_alone ?? current.moods;
  const first = ranked(now)[0]![0];
  return (
    <section class="tags" aria-labelledby="tags-title">
      <div class="heading">
        <h3 id="tags-title">{texts.tags}</h3>
        <button
          type="button"
          class="plain"
          disabled={tagsOff.size === 0}
          onClick={() => whatIf.change({ tagsOff: new Set() }, texts.allTagsOn)}
        >
          {texts.turnAllOn}
        </button>
      </div>
      <TagsAlone
        reason={
          !usesTags ? "unused" : tagsOnly ? "only" : alone ? "ignored" : strongest(drops) < HARDLY ? "hardly" : "used"
        }
        hasTagsOnly={hasTagsOnly && usesTags}
        whatIf={whatIf}
      />
      {(tagsOff.size > 0 || alone || tagsOnly) && (
        <p class="now">
          <MoodFace mood={first} /> {alone || tagsOnly ? texts.fromTagsAlone : texts.now} <b>{moodName(first)}</b>{" "}
          {percent(now[first]!)}
          {tagsOff.size > 0 && ` ${texts.was(percent(before[first]!))}`}
        </p>
      )}
      <TagTable baseline={baseline} drops={drops} mood={mood} usesTags={usesTags} whatIf={whatIf} />
      {usesTags && <p class="muted">{alone ? texts.contributionAloneMeaning : texts.contributionMeaning}</p>}
    </section>
  );
}

const strongest = (drops: Record<string, number>): number => Math.max(0, ...Object.values(drops).map(Math.abs));

interface TagTableProps {
  baseline: Prediction;
  drops: Record<string, number>;
  mood: string;
  usesTags: boolean;
  whatIf: WhatIfChanges;
}

function TagTable({ baseline, drops, mood, usesTags, whatIf }: TagTableProps) {
  const { tagsOff } = whatIf;
  const tags = tagsToShow(baseline);
  const longest = Math.max(...tags.map((tag) => Math.abs(drops[tag] ?? 0)));
  const toggle = (tag: string) =>
    whatIf.change({ tagsOff: withToggled(tagsOff, tag) }, texts.tagToggled(tagTitle(tag), tagsOff.has(tag)));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{texts.tag}</th>
          <th scope="col" class="number">
            {texts.score}
          </th>
          <th scope="col" class="number">
            {texts.contributionTo(moodName(mood))} <abbr title={texts.percentagePoints}>{texts.pp}</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {tags.map((tag) => (
          <tr key={tag} data-tag={tag} class={tagsOff.has(tag) ? "off" : undefined}>
            <th scope="row">
              <label title={tag}>
                <input
                  type="checkbox"
                  role="switch"
                  checked={!tagsOff.has(tag)}
                  disabled={!usesTags}
                  onChange={() => toggle(tag)}
                />
                <span>{tagTitle(tag)}</span>
              </label>
            </th>
            <td class="number">{texts.scoreValue(baseline.tags[tag] ?? 0)}</td>
            <td class="number contribution">
              <span class="drop-bar" aria-hidden="true">
                {percentagePoints(drops[tag] ?? 0) !== percentagePoints(0) && (
                  <span
                    class={drops[tag]! < 0 ? "negative" : "positive"}
                    style={{ width: `${(50 * Math.abs(drops[tag]!)) / longest}%` }}
                  />
                )}
              </span>
              <span class="value">{usesTags ? percentagePoints(drops[tag] ?? 0) : "–"}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const tagTitle = (tag: string): string => capitalised(tag.split(",")[0]!);

interface TagsAloneProps {
  reason: keyof typeof texts.tagReasons;
  hasTagsOnly: boolean;
  whatIf: WhatIfChanges;
}

/** States how much the tags matter, and offers the model for which they do. */
function TagsAlone({ reason, hasTagsOnly, whatIf: { tagsOnly, change } }: TagsAloneProps) {
  return (
    <div class="tags-alone">
      <p class="muted">{texts.tagReasons[reason]}</p>
      {hasTagsOnly && reason !== "used" && (
        <button
          type="button"
          aria-pressed={tagsOnly}
          onClick={() => change({ tagsOnly: !tagsOnly }, tagsOnly ? texts.pictureAgain : texts.tagsOnlyOn)}
        >
          {tagsOnly ? texts.usePicture : texts.useTagsOnly}
        </button>
      )}
    </div>
  );
}
