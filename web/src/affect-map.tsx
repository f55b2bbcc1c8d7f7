// The plane of valence and arousal with a dot for each picture of an album. The dots are drawn on a canvas, which
// remains fast with thousands of pictures.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { type Point, type Region, regionBetween } from "./affect-region.ts";
import { MoodFace, moodColour } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Mood } from "./service.ts";
import { affectPlot as axes, moodTitle, percent, summary as texts } from "./texts.ts";

/** A picture with its most probable mood. */
export interface Dot extends Point {
  picture: Picture;
  name: string;
  mood: string;
  probability: number;
  thumbnail: string | undefined;
}

const WIDTH = 600;
const HEIGHT = 400;
const MARGIN = 0.09; // around the moods, in units of valence and arousal
const REACH_PX = 14; // a dot can be pointed at from this distance
const DRAG_PX = 5; // a shorter movement is a click
const TOOLTIP_WIDTH_PX = 170;

interface Scale {
  x: (valence: number) => number;
  y: (arousal: number) => number;
  point: (x: number, y: number) => Point;
}

/** Return the scale in which the moods fill the plot: no picture lies outside the area that they span. */
function scaleFor(moods: Mood[]): Scale {
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

const radiusFor = (n: number): number => (n <= 150 ? 6 : n <= 800 ? 4.5 : n <= 2500 ? 3.5 : 2.8);

/** Draw the dots, those outside the region in grey. Sizes are in units of the plot. */
function drawDots(canvas: HTMLCanvasElement, dots: Dot[], scale: Scale, selected: ReadonlySet<Picture>): void {
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

interface AffectMapProps {
  moods: Mood[];
  dots: Dot[];
  region: Region | undefined;
  /** The pictures that are displayed below; the others are grey. */
  selected: ReadonlySet<Picture>;
  onRegion: (region: Region | undefined) => void;
  onOpen: (picture: Picture) => void;
}

export function AffectMap({ moods, dots, region, selected, onRegion, onOpen }: AffectMapProps) {
  const scale = useMemo(() => scaleFor(moods), [moods]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [current, setCurrent] = useState<Dot>();
  const [drag, setDrag] = useState<{ from: Point; to: Point }>();
  const start = useRef<{ x: number; y: number } | undefined>(undefined);

  useEffect(() => {
    const element = canvas.current!;
    const draw = () => drawDots(element, dots, scale, selected);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const schemes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
    for (const scheme of schemes) scheme.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      for (const scheme of schemes) scheme.removeEventListener("change", draw);
    };
  }, [dots, scale, selected]);

  /** Return a position in units of the plot, and how many of them a pixel has. */
  const locate = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    const unitsPerPx = WIDTH / box.width;
    return { x: (event.clientX - box.left) * unitsPerPx, y: (event.clientY - box.top) * unitsPerPx, unitsPerPx };
  };
  const nearest = (x: number, y: number, reach: number): Dot | undefined => {
    let found: Dot | undefined;
    let shortest = reach ** 2;
    for (const dot of dots) {
      const distance = (scale.x(dot.valence) - x) ** 2 + (scale.y(dot.arousal) - y) ** 2;
      if (distance <= shortest) [found, shortest] = [dot, distance];
    }
    return found;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    start.current = locate(event);
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y, unitsPerPx } = locate(event);
    const from = start.current;
    if (!from) setCurrent(nearest(x, y, REACH_PX * unitsPerPx));
    else if (drag || Math.hypot(x - from.x, y - from.y) > DRAG_PX * unitsPerPx) {
      setCurrent(undefined);
      setDrag({ from: scale.point(from.x, from.y), to: scale.point(x, y) });
    }
  };
  const onPointerUp = (event: PointerEvent) => {
    const from = start.current;
    start.current = undefined;
    if (!from) return;
    const { x, y, unitsPerPx } = locate(event);
    if (drag) onRegion(regionBetween(drag.from, scale.point(x, y)));
    else {
      const dot = nearest(x, y, REACH_PX * unitsPerPx);
      if (dot) onOpen(dot.picture);
      else if (region) onRegion(undefined);
    }
    setDrag(undefined);
  };
  const cancel = () => {
    start.current = undefined;
    setDrag(undefined);
    setCurrent(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = DIRECTIONS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (direction) setCurrent(neighbour(dots, scale, current, direction));
    else if (event.key === "Enter" && current) onOpen(current.picture);
    else if (event.key === "Escape" && (drag || current || region)) {
      if (!drag && !current) onRegion(undefined);
      cancel();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const selection = drag ? regionBetween(drag.from, drag.to) : region;
  return (
    <figure class="affect-map">
      <div
        class="plot"
        role="application"
        tabIndex={0}
        aria-label={texts.mapLabel(dots.length)}
        aria-describedby="affect-map-help"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={cancel}
        onPointerLeave={() => !start.current && setCurrent(undefined)}
        onKeyDown={onKeyDown}
        onBlur={() => setCurrent(undefined)}
      >
        <canvas ref={canvas} aria-hidden="true" />
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
          <path class="axis" d={`M0 ${scale.y(0)}H${WIDTH}M${scale.x(0)} 0V${HEIGHT}`} />
          <text x="12" y={HEIGHT - 14}>
            ← {axes.unpleasant}
          </text>
          <text x={WIDTH - 12} y={HEIGHT - 14} text-anchor="end">
            {axes.pleasant} →
          </text>
          <text x={scale.x(0) + 9} y="22">
            ↑ {axes.excited}
          </text>
          <text x={scale.x(0) + 9} y={HEIGHT - 14}>
            ↓ {axes.calm}
          </text>
          {selection && (
            <rect
              class="region"
              x={scale.x(selection.valence[0])}
              y={scale.y(selection.arousal[1])}
              width={scale.x(selection.valence[1]) - scale.x(selection.valence[0])}
              height={scale.y(selection.arousal[0]) - scale.y(selection.arousal[1])}
            />
          )}
          {current && (
            <circle class="ring" cx={scale.x(current.valence)} cy={scale.y(current.arousal)} r={radiusFor(dots.length) + 4} />
          )}
        </svg>
        {current && <Tooltip dot={current} x={scale.x(current.valence) / WIDTH} y={scale.y(current.arousal) / HEIGHT} />}
        <span class="visually-hidden" aria-live="polite">
          {current && texts.dotLabel(current.name, current.mood, current.probability, current)}
        </span>
      </div>
      <figcaption class="muted" id="affect-map-help">
        {texts.mapHelp}
      </figcaption>
    </figure>
  );
}

/** The picture of a dot; `x` and `y` are the position as fractions of the plot. */
function Tooltip({ dot, x, y }: { dot: Dot; x: number; y: number }) {
  // Beside the dot, on the side on which there is more space.
  const side =
    x < 0.5 ? { insetInlineStart: `calc(${100 * x}% + 14px)` } : { insetInlineEnd: `calc(${100 * (1 - x)}% + 14px)` };
  const edge = y < 0.5 ? { top: `calc(${100 * y}% - 10px)` } : { bottom: `calc(${100 * (1 - y)}% - 10px)` };
  return (
    <div class="tooltip" aria-hidden="true" style={{ ...side, ...edge, maxWidth: TOOLTIP_WIDTH_PX }}>
      {dot.thumbnail && <img src={dot.thumbnail} alt="" />}
      <span class="caption">
        <MoodFace mood={dot.mood} size={20} /> <b>{moodTitle(dot.mood)}</b> {percent(dot.probability)}
      </span>
      <span class="muted file">
        <bdi>{dot.name}</bdi>
      </span>
    </div>
  );
}

const DIRECTIONS: Record<string, [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Return the dot that an arrow key leads to: a near one within 45 degrees of the direction, or the current one. */
function neighbour(dots: Dot[], scale: Scale, current: Dot | undefined, [dx, dy]: [number, number]): Dot | undefined {
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
