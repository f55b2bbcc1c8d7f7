// The order and the selection of the pictures of an album, which its address states: `?mood=awe&sort=name`.

import { isInRegion, parseRegion, type Region, regionText } from "./affect-region.ts";
import { ranked } from "./moods.tsx";
import type { Entry } from "./predictions.ts";
import { isError, type Prediction } from "./service.ts";

export const SORT_KEYS = ["mood", "confidence", "valence", "arousal", "name"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Arrangement {
  /** Only pictures with this mood; empty for all. */
  mood: string;
  /** Only pictures that could not be classified. */
  isFailed?: boolean | undefined;
  /** Only pictures whose valence and arousal are in this region. */
  region?: Region | undefined;
  sort: SortKey;
}

const nameOrder = new Intl.Collator(undefined, { numeric: true });
const NO_MOOD: [string, number] = ["", -1];
const firstMoods = new WeakMap<Prediction, [string, number]>(); // sorting thousands of pictures asks for them often

function first(entry: Entry): [string, number] {
  const prediction = predictionOf(entry);
  if (!prediction) return NO_MOOD;
  let found = firstMoods.get(prediction);
  if (!found) {
    found = ranked(prediction.moods)[0] ?? NO_MOOD;
    firstMoods.set(prediction, found);
  }
  return found;
}

export const predictionOf = (entry: Entry): Prediction | undefined =>
  entry.result && !isError(entry.result) ? entry.result : undefined;
/** The most probable mood of a picture; empty if it has no prediction. */
export const moodOf = (entry: Entry): string => first(entry)[0];
export const probabilityOf = (entry: Entry): number => first(entry)[1];
export const fileName = (entry: Entry): string => entry.picture.name.split("/").at(-1)!;

export function parseArrangement(parameters: URLSearchParams): Arrangement {
  const sort = SORT_KEYS.find((key) => key === parameters.get("sort")) ?? "mood";
  return {
    mood: parameters.get("mood") ?? "",
    isFailed: parameters.get("show") === "failed",
    region: parseRegion(parameters.get("region")),
    sort,
  };
}

/** Return the parameters of an address, without those that have their default values. */
export const arrangementParameters = (arrangement: Arrangement): Record<string, string> => ({
  ...(arrangement.mood && { mood: arrangement.mood }),
  ...(arrangement.isFailed && { show: "failed" }),
  ...(arrangement.region && { region: regionText(arrangement.region) }),
  ...(arrangement.sort !== "mood" && { sort: arrangement.sort }),
});

/** Whether the arrangement includes a picture. */
export const isSelected = (entry: Entry, { mood, isFailed, region }: Omit<Arrangement, "sort">): boolean =>
  (!mood || moodOf(entry) === mood) &&
  (!isFailed || Boolean(entry.result && isError(entry.result))) &&
  (!region || isInRegion(predictionOf(entry)?.affect, region));

/** Sort by mood in the service's order, by a value in descending order, or by name. */
export function arrange(entries: Entry[], arrangement: Arrangement, moods: string[]): Entry[] {
  const moodIndex = (entry: Entry) => (moodOf(entry) ? moods.indexOf(moodOf(entry)) : moods.length);
  const affectOf = (entry: Entry, axis: "valence" | "arousal") => predictionOf(entry)?.affect?.[axis] ?? -2;
  const compare: Record<SortKey, (a: Entry, b: Entry) => number> = {
    mood: (a, b) => moodIndex(a) - moodIndex(b) || probabilityOf(b) - probabilityOf(a),
    confidence: (a, b) => probabilityOf(b) - probabilityOf(a),
    valence: (a, b) => affectOf(b, "valence") - affectOf(a, "valence"),
    arousal: (a, b) => affectOf(b, "arousal") - affectOf(a, "arousal"),
    name: (a, b) => nameOrder.compare(fileName(a), fileName(b)),
  };
  return entries.filter((entry) => isSelected(entry, arrangement)).toSorted(compare[arrangement.sort]);
}
