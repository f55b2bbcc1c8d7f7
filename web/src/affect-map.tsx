// The plane of valence and arousal with a dot for each picture of an album. The dots are drawn on a canvas, which
// remains fast with thousands of pictures.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { type Dot, drawDots, HEIGHT, nearest, neighbour, radiusFor, type Scale, scaleFor, WIDTH } from "./affect-dots.ts";
import { type Point, type Region, regionBetween } from "./affect-region.ts";
import { MoodFace } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import type { Mood } from "./service.ts";
import { affectPlot as axes, moodTitle, percent, summary as texts } from "./texts.ts";

const REACH_PX = 14; // a dot can be pointed at from this distance
const DRAG_PX = 5; // a shorter movement is a click
const TOOLTIP_WIDTH_PX = 170;
const DIRECTIONS: Record<string, [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

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
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    start.current = locate(event);
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y, unitsPerPx } = locate(event);
    const from = start.current;
    if (!from) setCurrent(nearest(dots, scale, x, y, REACH_PX * unitsPerPx));
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
      const dot = nearest(dots, scale, x, y, REACH_PX * unitsPerPx);
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
        <Axes scale={scale}>
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
        </Axes>
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

/** The axes and their names, with `children` above them. */
function Axes({ scale, children }: { scale: Scale; children: ComponentChildren }) {
  return (
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
      {children}
    </svg>
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
