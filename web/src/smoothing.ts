// Predictions for the frames of a webcam or a video, which differ more from frame to frame than what they show.

import type { Affect, Prediction } from "./service.ts";

const HALF_LIFE_MS = 350;
/** By how much another mood must exceed the one in the headline before it replaces it. */
const CLEAR_LEAD = 0.06;

export type Smoothed = Pick<Prediction, "moods" | "affect">;

/** Smooth predictions exponentially over time, so that the result does not depend on the frame rate. */
export function smooth(previous: Smoothed | undefined, next: Smoothed, elapsedMs: number): Smoothed {
  if (!previous) return next;
  const weight = 0.5 ** (elapsedMs / HALF_LIFE_MS);
  const mix = (from: number, to: number) => weight * from + (1 - weight) * to;
  const moods = Object.fromEntries(
    Object.entries(next.moods).map(([mood, probability]) => [
      mood,
      mix(previous.moods[mood] ?? probability, probability),
    ]),
  );
  const affect = previous.affect && next.affect && mixAffect(previous.affect, next.affect, mix);
  return { moods, affect: affect ?? next.affect };
}

function mixAffect(previous: Affect, next: Affect, mix: (from: number, to: number) => number): Affect {
  return {
    valence: mix(previous.valence, next.valence),
    arousal: mix(previous.arousal, next.arousal),
    positive: mix(previous.positive, next.positive),
    negative: mix(previous.negative, next.negative),
  };
}

/** Return the most probable mood, which replaces the previous one only if its lead is clear. */
export function leadingMood(previous: string | undefined, moods: Record<string, number>): string | undefined {
  const [first] = Object.entries(moods).sort(([, a], [, b]) => b - a);
  if (!first) return previous;
  const kept = previous === undefined ? undefined : moods[previous];
  return kept !== undefined && first[1] - kept < CLEAR_LEAD ? previous : first[0];
}
