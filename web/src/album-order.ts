// The order and the selection of the pictures of an album, which its address states: `?mood=awe&sort=name`.

import { isInRegion, parseRegion, type Region, regionText } from "./affect-region.ts";
import type { Entry } from "./predictions.ts";
import { isError, type Prediction } from "./service.ts";

export const SORT_KEYS = ["mood", "confidence", "valence", "arousal", "name"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Arrangement {
  /** Only pictures with this mood; empty for all. */
  mood: string;
  /** Only pictures whose valence and arousal are in this region. */
  region?: Region | undefined;
  sort: SortKey;
}

export const predictionOf = (entry: Entry): Prediction | undefined =>
  entry.result && !isError(entry.result) ? entry.result : undefined;
/** The most probable mood of a picture; empty if it has no prediction. */
export const moodOf = (entry: Entry): string => Object.keys(predictionOf(entry)?.moods ?? {})[0] ?? "";
export const probabilityOf = (entry: Entry): number => Object.values(predictionOf(entry)?.moods ?? {})[0] ?? -1;
export const fileName = (entry: Entry): string => entry.picture.name.split("/").at(-1)!;

export function parseArrangement(parameters: URLSearchParams): Arrangement {
  const sort = SORT_KEYS.find((key) => key === parameters.get("sort")) ?? "mood";
  return { mood: parameters.get("mood") ?? "", region: parseRegion(parameters.get("region")), sort };
}

/** Return the parameters of an address, without those that have their default values. */
export const arrangementParameters = ({ mood, region, sort }: Arrangement): Record<string, string> => ({
  ...(mood && { mood }),
  ...(region && { region: regionText(region) }),
  ...(sort !== "mood" && { sort }),
});

/** Whether the arrangement includes a picture. */
export const isSelected = (entry: Entry, { mood, region }: Pick<Arrangement, "mood" | "region">): boolean =>
  (!mood || moodOf(entry) === mood) && (!region || isInRegion(predictionOf(entry)?.affect, region));

/** Sort by mood in the service's order, by a value in descending order, or by name. */
export function arrange(entries: Entry[], { mood, region, sort }: Arrangement, moods: string[]): Entry[] {
  const moodIndex = (entry: Entry) => (moodOf(entry) ? moods.indexOf(moodOf(entry)) : moods.length);
  const affectOf = (entry: Entry, axis: "valence" | "arousal") => predictionOf(entry)?.affect?.[axis] ?? -2;
  const compare: Record<SortKey, (a: Entry, b: Entry) => number> = {
    mood: (a, b) => moodIndex(a) - moodIndex(b) || probabilityOf(b) - probabilityOf(a),
    confidence: (a, b) => probabilityOf(b) - probabilityOf(a),
    valence: (a, b) => affectOf(b, "valence") - affectOf(a, "valence"),
    arousal: (a, b) => affectOf(b, "arousal") - affectOf(a, "arousal"),
    name: (a, b) => fileName(a).localeCompare(fileName(b), undefined, { numeric: true }),
  };
  return entries.filter((entry) => isSelected(entry, { mood, region })).toSorted(compare[sort]);
}
