// The canvas over a picture on which users paint, with a pointer or with the keyboard.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { coverage, fitted, paintCover, type Point, type Stroke } from "./painting.ts";
import type { PaintingState } from "./painting-tools.tsx";
import { picture as texts } from "./texts.ts";
import type { WhatIfChanges } from "./what-if.ts";

const DISPLAY_SIDE_PX = 512; // enough for what covers the picture, and fast enough to follow the pointer
const STEP = 0.025; // of the width or height, for an arrow key
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

interface PaintingCanvasProps {
  painting: PaintingState;
  whatIf: WhatIfChanges;
  pixels: HTMLCanvasElement;
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

export function PaintingCanvas({ painting, whatIf, pixels }: PaintingCanvasProps) {
  const { tool, size } = painting;
  const canvas = useRef<HTMLCanvasElement>(null);
  /** The stroke that is being painted. */
  const [draft, displayDraft] = useState<Stroke>();
  const latest = useRef<Stroke | undefined>(undefined); // because several events may arrive before the component is rendered again
  const [cursor, setCursor] = useState<Point>();
  const reduced = useMemo(() => fitted(pixels, DISPLAY_SIDE_PX), [pixels]);

  useEffect(() => {
    const strokes = draft ? [...whatIf.strokes, draft] : whatIf.strokes;
    const context = canvas.current!.getContext("2d")!;
    context.clearRect(0, 0, reduced.width, reduced.height);
    if (strokes.length) context.drawImage(paintCover(reduced, whatIf.fill, strokes), 0, 0);
  }, [reduced, whatIf.strokes, whatIf.fill, draft]);

  const setDraft = (stroke: Stroke | undefined) => {
    latest.current = stroke;
    displayDraft(stroke);
  };
  const extended = (stroke: Stroke, point: Point): Stroke => ({ ...stroke, points: [...stroke.points, point] });
  const finish = (stroke: Stroke) => {
    setDraft(undefined);
    if (coverage(pixels, [stroke]) > 0) whatIf.change({ strokes: [...whatIf.strokes, stroke] }, texts.painted);
  };

  const position = (event: PointerEvent): Point => {
    const box = canvas.current!.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    canvas.current!.setPointerCapture(event.pointerId);
    setDraft({ tool, size, points: [position(event)] });
  };
  const onPointerMove = (event: PointerEvent) => {
    setCursor(position(event));
    if (latest.current && canvas.current!.hasPointerCapture(event.pointerId))
      setDraft(extended(latest.current, position(event)));
  };

  const moveCursor = ([x, y]: Point, isPainting: boolean) => {
    const [oldX, oldY] = cursor ?? [0.5, 0.5];
    const next: Point = [clamp(oldX + x), clamp(oldY + y)];
    setCursor(next);
    if (latest.current) setDraft(extended(latest.current, next));
    else if (isPainting) finish({ tool: "brush", size, points: [[oldX, oldY], next] });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const point = cursor ?? [0.5, 0.5];
    if (arrow) moveCursor(arrow, event.shiftKey && tool === "brush");
    else if (event.key === "+" || event.key === "-") painting.changeSize(event.key === "+" ? 1 : -1);
    else if (event.key === "Escape") latest.current ? setDraft(undefined) : painting.close();
    else if (event.key !== " " && event.key !== "Enter") return;
    else if (latest.current) finish(extended(latest.current, point));
    else if (tool === "brush") finish({ tool, size, points: [point] });
    else setDraft({ tool, size, points: [point] });
    event.preventDefault();
    event.stopPropagation(); // elsewhere, arrow keys open the next picture, and Escape closes this one
  };

  const longer = Math.max(pixels.width, pixels.height);
  const diameter = tool === "brush" ? size : 0.02;
  return (
    <>
      <canvas
        ref={canvas}
        class="painting"
        width={reduced.width}
        height={reduced.height}
        tabIndex={0}
        role="application"
        data-arrow-keys
        aria-label={texts.paintingCanvas}
        aria-describedby="painting-help"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => latest.current && finish(latest.current)}
        onPointerCancel={() => setDraft(undefined)}
        onPointerLeave={() => !latest.current && setCursor(undefined)}
        onFocus={() => setCursor((old) => old ?? [0.5, 0.5])}
        onBlur={() => (setCursor(undefined), setDraft(undefined))}
        onKeyDown={onKeyDown}
      />
      {cursor && (
        <span
          class={`painting-cursor ${tool}`}
          style={{
            left: `${100 * cursor[0]}%`,
            top: `${100 * cursor[1]}%`,
            width: `${(100 * diameter * longer) / pixels.width}%`,
            height: `${(100 * diameter * longer) / pixels.height}%`,
          }}
        />
      )}
    </>
  );
}
