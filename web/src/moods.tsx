// How moods are displayed: each has a colour and a face, so that colour is never the only cue.

// The Okabe-Ito palette, which people with any kind of colour blindness can tell apart. Grey replaces its black, which
// would be invisible on a dark page.
const COLOURS: Record<string, string> = {
  amusement: "#f0e442",
  excitement: "#e69f00",
  awe: "#56b4e9",
  contentment: "#009e73",
  sadness: "#0072b2",
  fear: "#cc79a7",
  disgust: "#666666",
  anger: "#d55e00",
};

const MOUTHS: Record<string, string> = {
  amusement: "M7 13.5h10c-.4 6-9.6 6-10 0z",
  excitement: "M8 14c1.5 5.5 6.5 5.5 8 0z",
  awe: "M12 13.5a2.2 3 0 1 0 .01 0z",
  contentment: "M8 15c2 2.6 6 2.6 8 0",
  sadness: "M8 17.5c2-2.6 6-2.6 8 0",
  fear: "M7.5 16.5l1.8-1.5 1.8 1.5 1.8-1.5 1.8 1.5 1.8-1.5",
  disgust: "M8 16.5c2-2 3.5 1 5 0s2-1.3 3-.5v1.8",
  anger: "M8.5 17h7",
};

const EYES: Record<string, string> = {
  amusement: "M6.5 10.2c.8-1.6 2.7-1.6 3.5 0M14 10.2c.8-1.6 2.7-1.6 3.5 0",
  contentment: "M6.5 9.5c.8 1.5 2.7 1.5 3.5 0M14 9.5c.8 1.5 2.7 1.5 3.5 0",
  sadness: "M6.5 8.8l3-1.2M17.5 8.8l-3-1.2",
  fear: "M6.8 7.6c.6-1 2-1.5 3-1.3M17.2 7.6c-.6-1-2-1.5-3-1.3",
  disgust: "M6.7 10.5h3.2M14.1 10.5h3.2",
  anger: "M6.5 7.5l3.4 1.7M17.5 7.5l-3.4 1.7",
};
const ROUND_EYES: Record<string, number> = { excitement: 1.7, awe: 1.4, sadness: 1.1, fear: 1.5, anger: 1.1 };

export const moodColour = (mood: string): string => COLOURS[mood] ?? "#8d86c9";

export { percent } from "./texts.ts";

/**
 * Return moods or tags by descending probability. The order of the service does not suffice: JavaScript moves names that
 * are numbers to the front of an object.
 */
export const ranked = (probabilities: Record<string, number>): [name: string, probability: number][] =>
  Object.entries(probabilities).sort(([, a], [, b]) => b - a);

/** The radius of a face, its centre, and the centres of round eyes, in a square of 24 by 24. */
export const FACE = { centre: 12, radius: 11.3, eyeY: 10.3, eyeX: [8.3, 15.7] } as const;

/** Return the SVG paths of a face, and the radius of its round eyes, if it has them. */
export const faceShapes = (mood: string) => ({
  mouth: MOUTHS[mood] ?? "M8 16h8",
  eyes: EYES[mood],
  eye: ROUND_EYES[mood],
});

/** The face of a mood; decorative, always next to the name of the mood. */
export function MoodFace({ mood, size = 24 }: { mood: string; size?: number }) {
  const { mouth, eyes, eye } = faceShapes(mood);
  return (
    <svg class="face" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <circle cx={FACE.centre} cy={FACE.centre} r={FACE.radius} fill={moodColour(mood)} />
      <g class="features">
        <path d={mouth} class={mouth.endsWith("z") ? "open" : undefined} />
        {eyes && <path d={eyes} />}
        {eye && FACE.eyeX.map((x) => <circle key={x} cx={x} cy={FACE.eyeY} r={eye} class="eye" />)}
      </g>
    </svg>
  );
}
