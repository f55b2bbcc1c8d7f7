// A picture of 1200 by 630 pixels with a photo and its moods, for sharing.

import { splitExtension } from "./export.ts";
import { FACE, faceShapes, moodColour, ranked } from "./moods.tsx";
import { encodeJpeg, type Picture, prepareUpload } from "./pictures.ts";
import { fetchPreview } from "./preview.ts";
import type { Prediction } from "./service.ts";
import { DIRECTION, LANGUAGE, moodTitle, percent, sharing as texts } from "./texts.ts";

export const CARD_WIDTH = 1200;
export const CARD_HEIGHT = 630;
const PHOTO_WIDTH = 600;
const PADDING = 48;
const N_BARS = 5;
const BAR_HEIGHT = 14;
const MIN_BAR_LENGTH = 2; // of a probability that is not zero
const FACE_SIZE = 104;
const BLURRED_SIDE = 12; // the background of a photo that does not fill its half is the photo at this size
const QUALITY = 0.92;
const PREVIEW_TIMEOUT_MS = 10_000;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const [PAPER, INK, MUTED, FILL, FACE_INK] = ["#faf9f7", "#1c1b19", "#66625b", "#e9e5de", "#1a1408"];
const MAX_NAME_LENGTH = 60; // of the file, without its extension

/** Draw the card and return it as a JPEG file. If the browser cannot display the picture, the service makes a preview. */
export async function createCard(picture: Picture, prediction: Prediction): Promise<File> {
  const photo = await decode(picture.file);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [CARD_WIDTH, CARD_HEIGHT];
  const context = canvas.getContext("2d")!;
  context.direction = DIRECTION;
  context.imageSmoothingQuality = "high";
  context.fillStyle = PAPER!;
  context.fillRect(0, 0, CARD_WIDTH, CARD_HEIGHT);
  const isMirrored = DIRECTION === "rtl";
  const photoX = isMirrored ? CARD_WIDTH - PHOTO_WIDTH : 0;
  if (photo) drawPhoto(context, photo, photoX);
  else drawPlaceholder(context, ranked(prediction.moods)[0]![0], photoX);
  photo?.close();
  drawMoods(context, picture.name, prediction, isMirrored ? 0 : PHOTO_WIDTH);
  return new File([await encodeJpeg(canvas, QUALITY)], cardName(picture.name), { type: "image/jpeg" });
}

/** Return a name for the file that all systems accept. */
export function cardName(name: string): string {
  const [stem] = splitExtension(name.split(/[/\\]/).at(-1)!);
  // Characters that Windows does not allow, control characters, and invisible marks, which could disguise the extension.
  const allowed = stem.replace(/[<>:"|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  return `${graphemes(allowed).slice(0, MAX_NAME_LENGTH).join("") || "picture"}-${texts.fileSuffix}.jpg`;
}

const graphemes = (text: string): string[] =>
  Array.from(new Intl.Segmenter(LANGUAGE).segment(text), ({ segment }) => segment);

async function decode(file: Blob): Promise<ImageBitmap | undefined> {
  try {
    return await createImageBitmap(file).catch(async () =>
      createImageBitmap(await fetchPreview(await prepareUpload(file), AbortSignal.timeout(PREVIEW_TIMEOUT_MS))),
    );
  } catch {
    return undefined;
  }
}

/** Draw a large face instead of the photo. */
function drawPlaceholder(context: CanvasRenderingContext2D, mood: string, x: number): void {
  const size = 260;
  context.fillStyle = FILL!;
  context.fillRect(x, 0, PHOTO_WIDTH, CARD_HEIGHT);
  drawFace(context, mood, x + (PHOTO_WIDTH - size) / 2, (CARD_HEIGHT - size) / 2, size);
}

function drawPhoto(context: CanvasRenderingContext2D, photo: ImageBitmap, x: number): void {
  context.save();
  context.beginPath();
  context.rect(x, 0, PHOTO_WIDTH, CARD_HEIGHT);
  context.clip();
  context.fillStyle = "white"; // as the service does for transparent pictures
  context.fillRect(x, 0, PHOTO_WIDTH, CARD_HEIGHT);
  const [widthRatio, heightRatio] = [PHOTO_WIDTH / photo.width, CARD_HEIGHT / photo.height];
  const larger = Math.max(widthRatio, heightRatio);
  // Cut off at most a quarter of the photo; show wider and taller ones as a whole.
  const isCropped = Math.min(widthRatio, heightRatio) / larger >= 0.75;
  if (!isCropped) drawBlurred(context, photo, x);
  const scale = isCropped ? larger : Math.min(widthRatio, heightRatio);
  const [width, height] = [Math.max(2, scale * photo.width), Math.max(2, scale * photo.height)];
  context.drawImage(photo, x + (PHOTO_WIDTH - width) / 2, (CARD_HEIGHT - height) / 2, width, height);
  context.restore();
}

function drawBlurred(context: CanvasRenderingContext2D, photo: ImageBitmap, x: number): void {
  const small = document.createElement("canvas");
  small.width = small.height = BLURRED_SIDE;
  const smallContext = small.getContext("2d")!;
  smallContext.imageSmoothingQuality = "high";
  smallContext.drawImage(photo, 0, 0, BLURRED_SIDE, BLURRED_SIDE);
  context.globalAlpha = 0.55;
  context.drawImage(small, x, 0, PHOTO_WIDTH, CARD_HEIGHT);
  context.globalAlpha = 1;
}

/** Draw the half of the card with the moods, whose edge is at `left`. */
function drawMoods(context: CanvasRenderingContext2D, name: string, { moods }: Prediction, left: number): void {
  const isMirrored = context.direction === "rtl";
  const width = CARD_WIDTH - PHOTO_WIDTH - 2 * PADDING;
  /** The position at a distance from the start of the line, for a shape of a width. */
  const at = (distance: number, shapeWidth = 0) =>
    left + PADDING + (isMirrored ? width - distance - shapeWidth : distance);
  const sorted = ranked(moods);
  const [first, probability] = sorted[0]!;
  drawFace(context, first, at(0, FACE_SIZE), PADDING, FACE_SIZE);

  const titleX = FACE_SIZE + 24;
  context.textAlign = "start";
  context.textBaseline = "alphabetic";
  context.fillStyle = INK!;
  fillText(context, moodTitle(first), at(titleX), PADDING + 50, { width: width - titleX, size: 50, weight: 700 });
  context.fillStyle = MUTED!;
  fillText(context, percent(probability), at(titleX), PADDING + 98, { width: width - titleX, size: 36 });

  const rowHeight = 66;
  sorted.slice(0, N_BARS).forEach(([mood, value], i) => {
    const top = PADDING + FACE_SIZE + 44 + i * rowHeight;
    context.fillStyle = INK!;
    context.textAlign = "start";
    fillText(context, moodTitle(mood), at(0), top + 24, { width: width - 110, size: 24, weight: i ? 400 : 650 });
    context.textAlign = "end";
    fillText(context, percent(value), at(width), top + 24, { width: 100, size: 24, weight: i ? 400 : 650 });
    const length = value && Math.max(MIN_BAR_LENGTH, value * width);
    context.save();
    context.beginPath();
    context.roundRect(at(0, width), top + 36, width, BAR_HEIGHT, BAR_HEIGHT / 2);
    context.clip();
    context.fillStyle = FILL!;
    context.fillRect(at(0, width), top + 36, width, BAR_HEIGHT);
    context.fillStyle = moodColour(mood);
    context.fillRect(at(0, length), top + 36, length, BAR_HEIGHT);
    context.restore();
  });

  const footerY = CARD_HEIGHT - PADDING + 8;
  context.fillStyle = MUTED!;
  context.textAlign = "end";
  context.font = `650 22px ${FONT}`;
  const brandWidth = context.measureText("imagemood").width;
  context.fillText("imagemood", at(width), footerY);
  context.textAlign = "start";
  fillText(context, isolated(name.split("/").at(-1)!), at(0), footerY, { width: width - brandWidth - 28, size: 22, minSize: 22 });
}

/** Isolate text of an unknown direction from its surroundings, and show control characters as spaces. */
const isolated = (text: string): string => `\u2068${text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, " ")}\u2069`;

interface TextFormat {
  width: number;
  size: number;
  minSize?: number;
  weight?: number;
}

/** Draw text that fits a width: smaller if necessary, and then shortened in the middle. */
function fillText(context: CanvasRenderingContext2D, text: string, x: number, y: number, format: TextFormat): void {
  const { width, size, minSize = 0.6 * size, weight = 400 } = format;
  const fits = (candidate: string) => context.measureText(candidate).width <= width;
  for (let current = size; current >= minSize; current -= 2) {
    context.font = `${weight} ${current}px ${FONT}`;
    if (fits(text)) break;
  }
  if (!fits(text)) {
    const parts = graphemes(text);
    // The longest shortened text that fits, found by bisection.
    let [kept, excluded] = [0, parts.length];
    const shortened = (n: number) =>
      `${parts.slice(0, Math.ceil(n / 2)).join("")}…${parts.slice(parts.length - Math.floor(n / 2)).join("")}`;
    while (excluded - kept > 1) {
      const middle = (kept + excluded) >> 1;
      if (fits(shortened(middle))) kept = middle;
      else excluded = middle;
    }
    text = shortened(kept);
  }
  context.fillText(text, x, y);
}

function drawFace(context: CanvasRenderingContext2D, mood: string, x: number, y: number, size: number): void {
  const { mouth, eyes, eye } = faceShapes(mood);
  const circle = (cx: number, cy: number, radius: number) => {
    context.beginPath();
    context.arc(cx, cy, radius, 0, 2 * Math.PI);
    context.fill();
  };
  context.save();
  context.translate(x, y);
  context.scale(size / 24, size / 24);
  context.fillStyle = moodColour(mood);
  circle(FACE.centre, FACE.centre, FACE.radius);
  context.fillStyle = context.strokeStyle = FACE_INK!;
  context.lineWidth = 1.6;
  context.lineCap = context.lineJoin = "round";
  const mouthPath = new Path2D(mouth);
  context.stroke(mouthPath);
  if (mouth.endsWith("z")) context.fill(mouthPath);
  if (eyes) context.stroke(new Path2D(eyes));
  if (eye) for (const eyeX of FACE.eyeX) circle(eyeX, FACE.eyeY, eye);
  context.restore();
}
