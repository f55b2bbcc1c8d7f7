// A rectangle of valence and arousal, which selects pictures. Addresses state it: `region=-0.2,0.5,0,0.3`.

export interface Region {
  /** The lowest and the highest valence. */
  valence: [number, number];
  /** The lowest and the highest arousal. */
  arousal: [number, number];
}

const inRange = (value: number, [low, high]: [number, number]): boolean => low <= value && value <= high;
const round = (value: number): number => Math.round(100 * value) / 100;
const ordered = (a: number, b: number): [number, number] => (a < b ? [a, b] : [b, a]);

export interface Point {
  valence: number;
  arousal: number;
}

export const isInRegion = (point: Point | null | undefined, { valence, arousal }: Region): boolean =>
  point ? inRange(point.valence, valence) && inRange(point.arousal, arousal) : false;

/** Return the region between two opposite corners, with two decimals. */
export const regionBetween = (a: Point, b: Point): Region => ({
  valence: ordered(round(a.valence), round(b.valence)),
  arousal: ordered(round(a.arousal), round(b.arousal)),
});

export const regionText = ({ valence, arousal }: Region): string => [...valence, ...arousal].join();

/** Parse the text of a region; undefined if it is none. */
export function parseRegion(text: string | null | undefined): Region | undefined {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  if (numbers.length !== 4 || !numbers.every((value) => Math.abs(value) <= 1)) return undefined;
  const [lowValence, highValence, lowArousal, highArousal] = numbers as [number, number, number, number];
  return { valence: ordered(lowValence, highValence), arousal: ordered(lowArousal, highArousal) };
}
