// Where the pictures of an album lie in the plane of valence and arousal, and how their dots are drawn on a canvas.

import type { Point } from "./affect-region.ts";
import { moodColour } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Mood } from "./service.ts";

/** A picture with its most probable mood. */
export interface Dot extends Point {
  picture: Picture;
  name: string;
  mood: string;
  probability: number;
  thumbnail: string | undefined;
}

export const WIDTH = 600;
export const HEIGHT = 400;
const MARGIN = 0.09; // around the moods, in units of valence and arousal

/** Positions in the plot, in its units. */
export interface Scale {
  x: (valence: number) => number;
  y: (arousal: number) => number;
  point: (x: number, y: number) => Point;
}

/** Return the scale in which the moods fill the plot: no picture lies outside the area that they span. */
export function scaleFor(moods: Mood[]): Scale {
  const values = (axis: "valence" | "arousal") => moods.map((mood) => mood[axis]).filter((value) => value !== null);
  const range = (known: number[]) => [Math.min(...known, -0.2) - MARGIN, Math.max(...known, 0.2) + MARGIN] as const;
  const [left, right] = range(values("valence"));
  const [bottom, top] = range(values("arousal"));
  return {
    x: (valence) => (WIDTH * (valence - left)) / (right - left),
    y: (arousal) => (HEIGHT * (top - arousal)) / (top - bottom),
    point: (x, y) => ({
      valence: Math.min(1, Math.max(-1, left + (x / WIDTH) * (right - left))),
      arousal: Math.min(1, Math.max(-1, top - (y / HEIGHT) * (top - bottom))),
    }),
  };
}

export const radiusFor = (n: number): number => (n <= 150 ? 6 : n <= 800 ? 4.5 : n <= 2500 ? 3.5 : 2.8);

/** Draw the dots, those outside the region in grey. Sizes are in units of the plot. */
export function drawDots(canvas: HTMLCanvasElement, dots: Dot[], scale: Scale, selected: ReadonlySet<Picture>): void {
  const width = canvas.clientWidth * devicePixelRatio;
  if (!width) return; // hidden
  canvas.width = Math.round(width);
  canvas.height = Math.round((width * HEIGHT) / WIDTH);
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(canvas);
  context.scale(canvas.width / WIDTH, canvas.width / WIDTH);
  const radius = radiusFor(dots.length);
  context.lineWidth = 1;
  context.strokeStyle = style.getPropertyValue("--dot-border");
  const isForced = matchMedia("(forced-colors: active)").matches;
  for (const dot of dots) {
    const isSelected = selected.has(dot.picture);
    context.globalAlpha = isSelected ? 0.9 : 0.25;
    context.fillStyle = isForced || !isSelected ? style.color : moodColour(dot.mood);
    context.beginPath();
    context.arc(scale.x(dot.valence), scale.y(dot.arousal), radius, 0, 2 * Math.PI);
    context.fill();
    if (isSelected) context.stroke();
  }
}

/** Return the dot that is nearest to a position and within `reach` of it, in units of the plot. */
export function nearest(dots: Dot[], scale: Scale, x: number, y: number, reach: number): Dot | undefined {
  let found: Dot | undefined;
  let shortest = reach ** 2;
  for (const dot of dots) {
    const distance = (scale.x(dot.valence) - x) ** 2 + (scale.y(dot.arousal) - y) ** 2;
    if (distance <= shortest) [found, shortest] = [dot, distance];
  }
  return found;
}

/** Return the dot that an arrow key leads to: a near one within 45 degrees of the direction, or the current one. */
export function neighbour(
  dots: Dot[],
  scale: Scale,
  current: Dot | undefined,
  [dx, dy]: [number, number],
): Dot | undefined {
  const [fromX, fromY] = current ? [scale.x(current.valence), scale.y(current.arousal)] : [WIDTH / 2, HEIGHT / 2];
  const currentIndex = current ? dots.findIndex(({ picture }) => picture === current.picture) : -1;
  let found: Dot | undefined;
  let shortest = Infinity;
  dots.forEach((dot, i) => {
    if (i === currentIndex) return;
    const [x, y] = [scale.x(dot.valence) - fromX, scale.y(dot.arousal) - fromY];
    const distance = Math.hypot(x, y);
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    // Dots in the same place, such as copies of a picture, are visited in their order.
    const isAhead = distance ? along > 0 && across <= along : (i - currentIndex) * (dx + dy) > 0;
    const rank = distance || Math.abs(i - currentIndex) / dots.length / 1000;
    if ((!current || isAhead) && rank < shortest) [found, shortest] = [dot, rank];
  });
  return found ?? current;
}
