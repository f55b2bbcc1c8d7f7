// The moods of a video over time.

import { leadingMood, type Smoothed } from "./smoothing.ts";

/** The prediction for the frame of a video at a time. */
export interface Moment extends Smoothed {
  timeS: number;
}

/** A part of a video that a prediction stands for. */
export interface Span {
  startS: number;
  endS: number;
  moment: Moment;
}

/** Add a moment to those of a video, in the order of the times. It replaces moments that are nearer than `gapS`. */
export function addMoment(moments: Moment[], added: Moment, gapS = 0): Moment[] {
  const isNear = ({ timeS }: Moment) => Math.abs(timeS - added.timeS) <= gapS;
  let start = moments.length;
  while (start > 0 && (moments[start - 1]!.timeS >= added.timeS || isNear(moments[start - 1]!))) start -= 1;
  let end = start;
  while (end < moments.length && isNear(moments[end]!)) end += 1;
  return [...moments.slice(0, start), added, ...moments.slice(end)];
}

/** Return the part of the video that each moment stands for: until the next one, but at most `maxS`. */
export function spans(moments: Moment[], durationS: number, maxS: number): Span[] {
  return moments
    .map((moment, i) => {
      const nextS = moments[i + 1]?.timeS ?? durationS;
      return { startS: moment.timeS, endS: Math.min(nextS, moment.timeS + maxS, durationS), moment };
    })
    .filter(({ startS, endS }) => endS > startS);
}

/** Return the span at a time, if one has been classified. */
export const spanAt = (parts: Span[], timeS: number): Span | undefined =>
  parts.find(({ startS, endS }) => startS <= timeS && timeS < endS);

/** A part of a video with one leading mood. */
export interface Scene {
  mood: string;
  startS: number;
  endS: number;
}

/** Join adjacent parts with the same leading mood, which changes only if another one leads clearly. */
export function scenes(parts: Span[]): Scene[] {
  const found: Scene[] = [];
  for (const { startS, endS, moment } of parts) {
    const last = found.at(-1);
    const isAdjacent = last !== undefined && startS - last.endS < 1e-6;
    const mood = leadingMood(isAdjacent ? last.mood : undefined, moment.moods);
    if (mood === undefined) continue;
    if (isAdjacent && mood === last.mood) last.endS = endS;
    else found.push({ mood, startS, endS });
  }
  return found;
}

/** Return the share of the classified time in which each mood leads, in descending order. */
export function moodShares(parts: Scene[]): { mood: string; share: number }[] {
  const durations = new Map<string, number>();
  for (const { mood, startS, endS } of parts) durations.set(mood, (durations.get(mood) ?? 0) + endS - startS);
  const total = [...durations.values()].reduce((sum, duration) => sum + duration, 0);
  return [...durations]
    .map(([mood, duration]) => ({ mood, share: duration / total }))
    .sort((a, b) => b.share - a.share);
}

/** Return a table in CSV with the columns of `imagemood timeline`. */
export function timelineCsv(moments: Moment[], moods: string[]): string {
  const sorted = [...moods].sort();
  const header = ["time_s", "mood", "valence", "arousal", ...sorted.map((mood) => `probability_${mood}`)];
  const rows = moments.map(({ timeS, moods: probabilities, affect }) => [
    Number(timeS.toFixed(3)),
    Object.entries(probabilities).reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0],
    affect?.valence ?? "",
    affect?.arousal ?? "",
    ...sorted.map((mood) => probabilities[mood] ?? ""),
  ]);
  return [header, ...rows].map((row) => `${row.map(csvField).join(",")}\n`).join("");
}

const csvField = (value: string | number): string =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
