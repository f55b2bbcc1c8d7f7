// Painting over regions of a picture, to find out what they contribute to its mood.

import { picture as texts } from "./texts.ts";

/** A position in a picture: fractions of its width and height. */
export type Point = [x: number, y: number];
export type Tool = "brush" | "rectangle";
/** What replaces a painted region: the colours around it, or the mean colour of the picture. */
export type Fill = "surroundings" | "mean";

export interface Stroke {
  tool: Tool;
  /** The path of a brush, or two opposite corners of a rectangle. */
  points: Point[];
  /** The diameter of a brush, as a fraction of the longer side of the picture. */
  size: number;
}

const MAX_SIDE_PX = 1024;
const JPEG_QUALITY = 0.95;
const COVERAGE_SIDE_PX = 128;

function createCanvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  return [canvas, context];
}

/** Return a copy of an image that is as large as a canvas with this width and height. */
function resized(source: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const [canvas, context] = createCanvas(width, height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Return a copy of an image whose longer side has at most `maxSide` pixels. */
export function fitted(source: HTMLCanvasElement | ImageBitmap, maxSide: number): HTMLCanvasElement {
  const scale = Math.min(1, maxSide / Math.max(source.width, source.height));
  return resized(source, scale * source.width, scale * source.height);
}

/** Decode a picture, in its own size unless it is large, so that the part that is not painted stays as it is. */
export async function loadPaintable(file: Blob): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(file);
  const pixels = fitted(bitmap, MAX_SIDE_PX);
  bitmap.close();
  const context = pixels.getContext("2d")!;
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white"; // the background that the service uses for transparent pictures
  context.fillRect(0, 0, pixels.width, pixels.height);
  return pixels;
}

function drawStrokes(context: CanvasRenderingContext2D, strokes: Stroke[]): void {
  const { width, height } = context.canvas;
  context.lineCap = context.lineJoin = "round";
  for (const { tool, points, size } of strokes) {
    const [[x, y], ...others] = points.map(([x, y]) => [x * width, y * height]) as [Point, ...Point[]];
    const [endX, endY] = others.at(-1) ?? [x, y];
    context.lineWidth = size * Math.max(width, height);
    context.beginPath();
    if (tool === "rectangle")
      context.fillRect(Math.min(x, endX), Math.min(y, endY), Math.abs(endX - x), Math.abs(endY - y));
    else if (others.every(([nextX, nextY]) => nextX === x && nextY === y)) {
      context.arc(x, y, context.lineWidth / 2, 0, 2 * Math.PI); // browsers draw no line without a length
      context.fill();
    } else {
      context.moveTo(x, y);
      for (const point of others) context.lineTo(...point);
      context.stroke();
    }
  }
}

function meanColour(pixels: HTMLCanvasElement): string {
  const { data } = pixels.getContext("2d")!.getImageData(0, 0, pixels.width, pixels.height);
  const sums = [0, 0, 0];
  let weight = 0;
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    weight += alpha;
    for (let channel = 0; channel < 3; channel++) sums[channel]! += alpha * data[i + channel]!;
  }
  return `rgb(${sums.map((sum) => Math.round(sum / Math.max(1, weight))).join(" ")})`;
}

/**
 * Fill the painted region with the colours around it. The picture without the region is halved until one pixel is left;
 * each smaller picture then fills what is missing in the next larger one.
 */
function filledFromSurroundings(pixels: HTMLCanvasElement, strokes: Stroke[]): HTMLCanvasElement {
  const rest = resized(pixels, pixels.width, pixels.height);
  const context = rest.getContext("2d")!;
  context.globalCompositeOperation = "destination-out";
  drawStrokes(context, strokes);
  const levels = [rest];
  while (Math.max(levels.at(-1)!.width, levels.at(-1)!.height) > 1) {
    const { width, height } = levels.at(-1)!;
    levels.push(resized(levels.at(-1)!, width / 2, height / 2));
  }
  let [filled, background] = createCanvas(1, 1);
  background.fillStyle = meanColour(coverage(pixels, strokes) < 1 ? rest : pixels);
  background.fillRect(0, 0, 1, 1);
  for (const level of levels.reverse()) {
    filled = resized(filled, level.width, level.height);
    filled.getContext("2d")!.drawImage(level, 0, 0);
  }
  return filled;
}

/** Return what covers the picture: the fill in the painted region, and nothing elsewhere. */
export function paintCover(pixels: HTMLCanvasElement, fill: Fill, strokes: Stroke[]): HTMLCanvasElement {
  const [cover, context] = createCanvas(pixels.width, pixels.height);
  drawStrokes(context, strokes);
  context.globalCompositeOperation = "source-in";
  if (fill === "mean") {
    context.fillStyle = meanColour(pixels);
    context.fillRect(0, 0, cover.width, cover.height);
  } else context.drawImage(filledFromSurroundings(pixels, strokes), 0, 0);
  return cover;
}

/**
 * Return the picture with the painted region filled. The rest is unchanged, because PNG is lossless; JPEG is used if the
 * PNG would be larger than the service accepts.
 */
export async function paintedFile(
  pixels: HTMLCanvasElement,
  fill: Fill,
  strokes: Stroke[],
  maxBytes: number,
): Promise<Blob> {
  const painted = resized(pixels, pixels.width, pixels.height);
  painted.getContext("2d")!.drawImage(paintCover(pixels, fill, strokes), 0, 0);
  const png = await encoded(painted, "image/png");
  return png.size <= maxBytes ? png : encoded(painted, "image/jpeg");
}

const encoded = (canvas: HTMLCanvasElement, type: string): Promise<Blob> =>
  new Promise((resolve, reject) => {
    const onBlob = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error(texts.cannotEncode)));
    canvas.toBlob(onBlob, type, JPEG_QUALITY);
  });

/** Return the painted share of a picture. */
export function coverage(pixels: HTMLCanvasElement, strokes: Stroke[]): number {
  const { width, height } = pixels;
  const scale = Math.min(1, COVERAGE_SIDE_PX / Math.max(width, height));
  const [canvas, context] = createCanvas(scale * width, scale * height);
  drawStrokes(context, strokes);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) sum += data[i]!;
  return (4 * sum) / (255 * data.length);
}
