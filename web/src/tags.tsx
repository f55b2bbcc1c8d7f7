import { Face, percent, titled } from "./moods.tsx";
import type { Told } from "./service.ts";

const N_STRONGEST = 8;
const N_CARRYING = 4;

/** The strongest tags, and those of the others that carried most; in descending order of score. */
export function tagsToShow(told: Told): string[] {
  const drops = told.explanation?.drops ?? {};
  const strongest = Object.keys(told.tags).slice(0, N_STRONGEST);
  const carrying = Object.keys(drops)
    .filter((tag) => !strongest.includes(tag))
    .sort((a, b) => Math.abs(drops[b]!) - Math.abs(drops[a]!))
    .slice(0, N_CARRYING);
  return [...strongest, ...carrying].sort((a, b) => (told.tags[b] ?? 0) - (told.tags[a] ?? 0));
}

const points = (drop: number): string => {
  const rounded = (100 * Math.abs(drop)).toFixed(1);
  return rounded === "0.0" ? "0.0" : `${drop < 0 ? "−" : "+"}${rounded}`;
};

interface TagsProps {
  told: Told;
  now: Told;
  off: ReadonlySet<string>;
  onSwitch: (tag: string) => void;
  onAll: () => void;
}

export function Tags({ told, now, off, onSwitch, onAll }: TagsProps) {
  const drops = told.explanation?.drops ?? {};
  const isUsed = Object.keys(drops).length > 0;
  const mood = told.explanation?.mood ?? "";
  const shown = tagsToShow(told);
  const first = Object.keys(now.moods)[0]!;
  const most = Math.max(...shown.map((tag) => Math.abs(drops[tag] ?? 0)), 0.001);
  return (
    <section class="tags" aria-labelledby="tags-title">
      <div class="heading">
        <h3 id="tags-title">What it sees</h3>
        <button type="button" class="plain" disabled={off.size === 0} onClick={onAll}>
          All on
        </button>
      </div>
      {off.size > 0 && (
        <p class="now">
          <Face mood={first} /> Now <b>{first}</b> {percent(now.moods[first]!)}, was {percent(told.moods[first]!)}
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
              Carried {mood}, points
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((tag) => (
            <tr key={tag} data-tag={tag} class={off.has(tag) ? "off" : undefined}>
              <th scope="row">
                <label title={tag}>
                  <input
                    type="checkbox"
                    role="switch"
                    checked={!off.has(tag)}
                    disabled={!isUsed}
                    onChange={() => onSwitch(tag)}
                  />
                  <span>{titled(tag.split(",")[0]!)}</span>
                </label>
              </th>
              <td class="number">{(100 * (told.tags[tag] ?? 0)).toFixed(1)} %</td>
              <td class="number carried">
                <span class="lever" aria-hidden="true">
                  <span
                    class={(drops[tag] ?? 0) < 0 ? "against" : "for"}
                    style={{ width: `${(50 * Math.abs(drops[tag] ?? 0)) / most}%` }}
                  />
                </span>
                {isUsed ? points(drops[tag] ?? 0) : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {isUsed
          ? "Switch a tag off, and the moods are told anew without it. What the network sees beside the tags stays, so that a mood seldom falls by much."
          : "This model does not look at tags."}
      </p>
    </section>
  );
}
