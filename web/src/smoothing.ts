import type { Affect, Told } from "./service.ts";

const HALF_LIFE_MS = 350;

export type Shown = Pick<Told, "moods" | "affect">;

/** Exponential smoothing by time, not by frame, so that it is the same at any frame rate. */
export function smoothed(last: Shown | undefined, next: Shown, elapsedMs: number): Shown {
  if (!last) return next;
  const keep = 0.5 ** (elapsedMs / HALF_LIFE_MS);
  const between = (from: number, to: number) => keep * from + (1 - keep) * to;
  const moods = Object.fromEntries(
    Object.entries(next.moods).map(([mood, share]) => [mood, between(last.moods[mood] ?? share, share)]),
  );
  return { moods, affect: last.affect && next.affect ? blended(last.affect, next.affect, between) : next.affect };
}

function blended(last: Affect, next: Affect, between: (from: number, to: number) => number): Affect {
  return {
    valence: between(last.valence, next.valence),
    arousal: between(last.arousal, next.arousal),
    positive: between(last.positive, next.positive),
    negative: between(last.negative, next.negative),
  };
}
