// Every text that the page displays, by view. To translate the page, translate this module.
//
// Texts with numbers are functions: `counted` selects the plural form, and the formats of numbers follow the language.

import type { Affect } from "./service.ts";

type Point = Pick<Affect, "valence" | "arousal">;

export const LANGUAGE = "en";
/** The direction in which the language is written: from left to right, or from right to left ("rtl"). */
export const DIRECTION: "ltr" | "rtl" = "ltr";

const pluralRules = new Intl.PluralRules(LANGUAGE);
const integers = new Intl.NumberFormat(LANGUAGE);
const percentages = new Intl.NumberFormat(LANGUAGE, { style: "percent" });
const lists = new Intl.ListFormat(LANGUAGE, { type: "conjunction" });
const signedNumbers = new Intl.NumberFormat(LANGUAGE, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: "exceptZero",
});

const signedIntegers = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0, signDisplay: "exceptZero" });
const pointNumbers = new Intl.NumberFormat(LANGUAGE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});
const precisePercentages = new Intl.NumberFormat(LANGUAGE, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Return the form of a text for a number; `#` in the text stands for the number. */
export const counted = (n: number, forms: PluralForms): string =>
  (forms[pluralRules.select(n)] ?? forms.other).replace("#", () => integers.format(n));

export const integer = (n: number): string => integers.format(n);
export const list = (items: string[]): string => lists.format(items);

/** Return a probability or share as a percentage without decimals; small ones are not rounded to zero. */
export const percent = (probability: number): string =>
  probability > 0 && probability < 0.005 ? `<${percentages.format(0.01)}` : percentages.format(probability);

/** Return the difference between two probabilities in percentage points. */
export const percentagePoints = (difference: number): string => pointNumbers.format(100 * difference).replace("-", "−");

/** Return a percentage with one decimal. */
const precisePercent = (share: number): string => precisePercentages.format(share);

/** Return valence or arousal with its sign and two decimals. */
export const signed = (value: number): string => signedNumbers.format(value).replace("-", "−");

/** Return a whole number with its sign. */
export const signedInteger = (value: number): string => signedIntegers.format(value).replace("-", "−");

/** The moods in running text; moods of other models are displayed as the service names them. */
const MOOD_NAMES: Record<string, string> = {
  amusement: "amusement",
  excitement: "excitement",
  awe: "awe",
  contentment: "contentment",
  sadness: "sadness",
  fear: "fear",
  disgust: "disgust",
  anger: "anger",
};

export const moodName = (mood: string): string => MOOD_NAMES[mood] ?? mood;
/** Return the name of a mood for the start of a line. */
export const moodTitle = (mood: string): string => capitalised(moodName(mood));
export const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase(LANGUAGE) + text.slice(1);

/** The texts of the header, of messages and of parts that several views use. */
export const common = {
  skipToContent: "Skip to content",
  undo: "Undo",
  dismiss: "Dismiss",
  views: "Views",
  name: "imagemood",
  windowTitle: "imagemood: the mood of a picture",
  titles: {
    album: "Album",
    samples: "Samples",
    picture: "Picture",
    sample: "Picture",
    live: "Live",
    compare: "Compare two pictures",
    developers: "Developers",
  } as Record<string, string>,
  viewTitles: { pictures: "Pictures", live: "Live", developers: "Developers" },
  retry: "Retry",
  partNotLoaded:
    "This part of the page could not be loaded. Check that the service is running. If it has been updated, reload the page.",
  continue: "Continue",
  tokenLabel: "This service requires an access token",
  tokenRejected: "The service rejected this token.",
  tokenIsKept: "The token is kept until you close this tab.",
  footer: (model: string | undefined, service: string | undefined): string =>
    `${model ? `Model: ${model}. ` : ""}Pictures are sent only to ${service ?? "this service"} and are not stored. ` +
    "Moods reflect what most people reported for similar pictures; your impression may differ.",
};

/** What the page says about requests that fail. */
export const requests = {
  /** `pageOrigin` is that of this page, if it differs from that of the service. */
  unreachable: (service: string, pageOrigin?: string): string =>
    `Cannot reach ${service}. Check that the service is running and accepts requests from this page` +
    `${pageOrigin === undefined ? "" : ` (imagemood serve --cors ${pageOrigin})`}.`,
  timeout: (service: string): string => `${service} does not respond.`,
  invalidResponse: (service: string): string => `The response of ${service} is not complete.`,
  status: (status: number, reason: string): string => `The service responded with ${status} ${reason}`.trim(),
  tokenCharacters: "The token contains characters that cannot be part of one.",
  unknown: "Something went wrong. Reload the page and try again.",
};

/** Problems with the files that are chosen. */
export const pictures = {
  noFiles: "This folder contains no files.",
  noUrls:
    "This service does not fetch pictures from addresses. Save the picture and choose its file, or start the service " +
    "with --allow-urls.",
  invalidDataUrl: "This address contains no picture.",
  openedOneVideo: (name: string, nOthers: number): string =>
    `${name} is open. ${counted(nOthers, { one: "# other file was", other: "# other files were" })} left out.`,
  leaveTitle: "Stop classifying the album?",
  leave: (nDone: number, n: number): string =>
    `${integer(nDone)} of ${integer(n)} pictures are classified. If you leave the album, the others are not. ` +
    "You can go back to it and continue.",
  leaveConfirm: "Stop and leave",
  leaveCancel: "Stay",
  unreadable: "This file can no longer be read. It may have been moved, changed or deleted.",
};

/** The start view: choosing pictures, and the samples. */
export const start = {
  title: "What mood does a picture evoke?",
  lead: "Choose a picture to see which of these moods it evokes, how strongly, and why.",
  drop: "Drop or paste pictures here",
  choosePictures: "Choose pictures",
  folder: "Folder",
  webcam: "Webcam",
  noPictures: (n: number, name: string): string =>
    n === 1 ? `${name} is not a picture.` : `None of these ${integer(n)} files is a picture.`,

  moodMeanings: {
    amusement: "Something funny or playful, which makes people smile or laugh.",
    excitement: "Energy, speed or anticipation, as before a great event.",
    awe: "Wonder at something vast, beautiful or powerful.",
    contentment: "Calm and comfort: everything is as it should be.",
    sadness: "Loss, loneliness or gloom.",
    fear: "Danger or threat, real or imagined.",
    disgust: "Something repulsive, such as decay, dirt or vermin.",
    anger: "Aggression or injustice, which makes people furious.",
  } as Record<string, string | undefined>,
  affect: (valence: number, arousal: number): string => {
    const parts = [
      ...(Math.abs(valence) > 0.1 ? [valence > 0 ? "pleasant" : "unpleasant"] : []),
      ...(Math.abs(arousal) > 0.1 ? [arousal > 0 ? "exciting" : "calm"] : []),
    ];
    return parts.length ? `It is ${list(parts)}.` : "";
  },
  exampleOf: (mood: string): string => `An example of ${mood}`,

  samples: "Or try a sample",
  openAll: "Open all",
  credits: "Authors and licences of the samples",
  credit: (title: string, author: string, licence: string): string => `${title}: ${author} · ${licence}`,
};

/** The view of many pictures: tiles, filters, progress, summary and export. */
export const album = {
  pictures: (n: number): string => counted(n, { one: "# picture", other: "# pictures" }),
  sortBy: "Sort by",
  sortKeys: { mood: "mood", confidence: "confidence", valence: "valence", arousal: "arousal", name: "name" },
  filter: "Filter by mood",
  all: "All",
  failed: "Failed",
  processed: (nDone: number, n: number): string =>
    `${integer(nDone)} of ${counted(n, { one: "# picture", other: "# pictures" })} processed`,
  finished: (nClassified: number, nFailed: number): string =>
    `${integer(nClassified)} classified${nFailed ? `, ${integer(nFailed)} failed` : ""}`,
  stopped: (nClassified: number, nFailed: number, nLeft: number): string =>
    `Stopped: ${integer(nClassified)} classified${nFailed ? `, ${integer(nFailed)} failed` : ""}, ${integer(nLeft)} left`,
  progress: "Pictures processed",
  sortedLater: "The pictures will be sorted when all of them are classified.",
  stop: "Stop",
  resume: "Continue",
  retryFailed: (n: number): string => counted(n, { one: "Try # picture again", other: "Try # pictures again" }),
  leftOut: (nVideos: number, nOthers: number): string => {
    const parts = [
      nVideos && counted(nVideos, { one: "# video", other: "# videos" }),
      nOthers && counted(nOthers, { one: "# file that is not a picture", other: "# files that are not pictures" }),
    ].filter((part) => typeof part === "string");
    return `Left out: ${list(parts)}.${nVideos ? " Open videos one at a time in the view Live." : ""}`;
  },
  unfinished: (n: number): string =>
    counted(n, {
      one: "# more picture had not been classified when the page was loaded again. Choose it again to classify it.",
      other: "# more pictures had not been classified when the page was loaded again. Choose them again to classify them.",
    }),
  tooLarge: (maxBytes: number): string => `larger than ${integer(maxBytes)} bytes, the limit of the service`,
  isClosed: "This album is no longer open. Choose the pictures or the folder again.",
  noSuchSample: (name: string): string => `The service has no sample named “${name}”.`,
};

/** The view of one picture: moods, tags, explanation, and what-if questions. */
export const picture = {
  navigation: "Pictures",
  allPictures: "All pictures",
  start: "Start",
  previous: "Previous picture",
  next: "Next picture",
  position: (position: number, total: number): string => `${position} of ${total}`,
  moodOf: (name: string): string => `Mood of ${name}`,
  classifying: "Classifying …",
  viewNotLoaded: "This view could not be loaded. Check that the service is running, and reload the page.",
  followedBy: (mood: string, probability: string): string => `followed by ${mood}, ${probability}`,
  noOtherMood: (probability: string): string => `no other mood above ${probability}`,
  probabilities: "Mood probabilities",
  show: "Show",
  top: (n: number): string => `top ${integer(n)}`,
  allMoods: "all moods",
  changedBy: (points: number): string =>
    counted(Math.abs(points), {
      one: `, ${points > 0 ? "up" : "down"} by # percentage point`,
      other: `, ${points > 0 ? "up" : "down"} by # percentage points`,
    }),
  cannotEncode: "The picture could not be encoded.",
  selectMood: "Select a mood to see what contributes to it.",

  heatMapOf: (mood: string): string => `Heat map for ${mood}`,
  regionProbability: "Probability in each region:",
  to: "to",
  loadingPreview: "Preparing a preview …",
  noPreview: "Your browser cannot display this file, and there is no preview of it.",
  isPreview: "preview by the service",

  paint: "Paint over a part of the picture",
  paintingHelp:
    "Paint over a part to see what it contributes: the picture is classified again without it. With the keyboard, move " +
    "with the arrow keys and press Space to paint, or to set the two corners of a rectangle; Shift and an arrow key paint " +
    "a line; + and − change the brush.",
  paintingCanvas: "Picture to paint on",
  tool: "Tool",
  tools: { brush: "Brush", rectangle: "Rectangle" },
  brushSize: "Size of the brush",
  smallerBrush: "Smaller brush",
  largerBrush: "Larger brush",
  fill: "Fill with",
  fills: { surroundings: "Colours around it", mean: "Mean colour" },
  fillReasons: {
    surroundings:
      "The colours around the part continue into it, so that its content disappears and hardly anything new appears.",
    mean:
      "The mean colour of the picture is the usual choice in research. The network may also react to the edges of the " +
      "uniform area.",
  },
  undo: "Undo",
  removePaint: "Remove all paint",
  regionContribution: (
    share: number,
    mood: string,
    before: number,
    after: number,
    hasOtherChanges: boolean,
  ): string => {
    const change = `${capitalised(mood)}: ${percent(after)} instead of ${percent(before)} without ${percent(share)} of the picture`;
    if (hasOtherChanges) return `${change} and without the tags that are turned off.`;
    if (Math.abs(before - after) < 0.01) return `${change}. This part hardly contributes to ${mood}.`;
    const points = counted(Math.round(100 * Math.abs(before - after)), {
      one: "# percentage point",
      other: "# percentage points",
    });
    return before > after
      ? `${change}. This part contributes ${points} to ${mood}.`
      : `${change}. This part makes ${mood} less probable, by ${points}.`;
  },

  whatIf: (nTagsOff: number, isPainted: boolean, tagsOnly: boolean): string => {
    const parts = [
      ...(tagsOnly ? ["from the tags alone"] : []),
      ...(isPainted ? ["without the painted part"] : []),
      ...(nTagsOff ? [counted(nTagsOff, { one: "without # tag", other: "without # tags" })] : []),
    ];
    return `What if: the moods ${list(parts)}`;
  },
  unchanged: "The picture as it is:",
  undoChange: "Undo this change",
  resetAll: "Reset all changes",
  painted: "A part of the picture was painted over.",
  paintRemoved: "The paint was removed.",
  fillChanged: "The fill was changed.",
  allReset: "All changes were reset.",
  tagToggled: (tag: string, isOn: boolean): string => `The tag “${tag}” was turned ${isOn ? "on" : "off"}.`,
  allTagsOn: "All tags were turned on.",
  tagsOnlyOn: "The moods are predicted from the tags alone.",
  pictureAgain: "The moods are predicted from the picture again.",

  tags: "Tags",
  turnAllOn: "Turn all on",
  fromTagsAlone: "From the tags alone:",
  now: "Now",
  was: (probability: string): string => `(was ${probability})`,
  tag: "Tag",
  score: "Score",
  scoreValue: (score: number): string => precisePercent(score),
  contributionTo: (mood: string): string => `Contribution to ${mood},`,
  percentagePoints: "percentage points",
  pp: "pp",
  useTagsOnly: "Predict from the tags alone",
  usePicture: "Predict from the picture again",
  tagReasons: {
    unused: "This model does not use tags.",
    ignored:
      "Tags do not matter for the moods above: the network predicts them from the picture itself. There is another model " +
      "that knows only the tags; for that one, they do matter.",
    hardly:
      "Tags hardly matter for the moods above: without any one of them, the probability changes by less than one " +
      "percentage point, because the network also looks at the picture itself.",
    used: "Turn tags off to see the moods without them.",
    only:
      "The moods above follow from these tags alone. This model never sees the picture, so there is no heat map. Turn " +
      "tags off to see the moods without them.",
  },
  contributionMeaning:
    "A contribution is the drop in the mood's probability without the tag, in percentage points.",
  contributionAloneMeaning:
    "A contribution is the drop in the probability that the other model predicts without the tag, in percentage points. " +
    "Turn tags off to see its prediction without them.",
};

/** The comparison of two pictures. */
export const comparison = {
  title: "Compare two pictures",
  pick: (n: number): string => (n ? "Select the second picture." : "Select the first of two pictures to compare."),
  cancel: "Cancel",
  sides: ["First picture", "Second picture"],
  choose: "Choose a picture",
  chooseFile: "Choose a file",
  chooseHint: "Choose the picture to compare with.",
  samples: "Samples",
  open: (name: string): string => `Open ${name}`,
  loading: "Classifying …",
  noSuchPicture: "One of these pictures is no longer open. Choose the pictures again.",
  mood: "Mood",
  difference: "Difference",
  differenceHelp: "The difference is in percentage points: the second picture minus the first.",
  percentagePoints: (difference: number): string => (difference ? signedInteger(difference) : "0"),
  affect: "Valence and arousal",
  sameMood: (mood: string): string => `Both evoke ${moodName(mood)} most.`,
  differentMoods: (first: string, second: string): string =>
    `The first evokes ${moodName(first)} most, the second ${moodName(second)}.`,
  plotLabel: (points: Point[]): string =>
    points
      .map(({ valence, arousal }, i) => `${comparison.sides[i]}: valence ${signed(valence)}, arousal ${signed(arousal)}`)
      .join("; "),
};

/** The plane of valence and arousal. */
export const affectPlot = {
  unpleasant: "unpleasant",
  pleasant: "pleasant",
  excited: "excited",
  calm: "calm",
  values: ({ valence, arousal }: Point): string => `Valence ${signed(valence)}, arousal ${signed(arousal)}`,
  label: (affect: Point): string => `${affectPlot.values(affect)}, each from −1 to +1.`,
  positive: ({ positive }: Affect): string => `${percent(positive)} pleasant`,
};

/** The summary of an album. */
export const summary = {
  title: "Summary",
  /** The moods with their shares, as in "Mostly contentment, 26%, followed by awe, 20%". */
  verdict: (shares: { mood: string; share: number }[]): string => {
    const sorted = shares.toSorted((a, b) => b.share - a.share);
    const first = sorted.filter(({ share }) => share === sorted[0]!.share);
    const second = sorted[first.length];
    const names = list(first.map(({ mood }) => moodName(mood)));
    const most = `Mostly ${names}, ${percent(first[0]!.share)}${first.length > 1 ? " each" : ""}`;
    return second && first.length === 1
      ? `${most}, followed by ${moodName(second.mood)}, ${percent(second.share)}`
      : most;
  },
  shares: (shares: { mood: string; share: number }[]): string =>
    `Shares of the moods: ${shares.map(({ mood, share }) => `${moodName(mood)} ${percent(share)}`).join(", ")}`,
  mapLabel: (n: number): string =>
    counted(n, {
      one: "Valence and arousal of # picture. Arrow keys go from picture to picture, Enter opens one.",
      other: "Valence and arousal of # pictures. Arrow keys go from picture to picture, Enter opens one.",
    }),
  mapHelp: "Each dot is a picture. Click one to open it, or drag a rectangle to select several.",
  dotLabel: (name: string, mood: string, probability: number, { valence, arousal }: Point): string =>
    `${name}: ${moodName(mood)} ${percent(probability)}, valence ${signed(valence)}, arousal ${signed(arousal)}`,
  selectRegion: "Select by valence and arousal",
  regionEdges: {
    valence: ["Lowest valence", "Highest valence"],
    arousal: ["Lowest arousal", "Highest arousal"],
  },
  clearRegion: "Clear the selection",
  selected: (n: number): string =>
    counted(n, { one: "# picture in the selected region", other: "# pictures in the selected region" }),
};

/** Notices about changes of an album, which can be undone. */
export const albumChanges = {
  removed: (name: string): string => `${name} was removed from the album.`,
  closed: (n: number): string =>
    counted(n, { one: "The album with # picture was closed.", other: "The album with # pictures was closed." }),
  replaced: (n: number): string =>
    counted(n, { one: "The album with # picture was replaced.", other: "The album with # pictures was replaced." }),
};

/** The files that an album can be saved as. */
export const exporting = {
  title: "Save the moods",
  csv: "CSV",
  spreadsheet: "CSV for spreadsheets",
  json: "JSON",
  fileName: "moods",
  pictures: (n: number): string => counted(n, { one: "Save the moods of # picture", other: "Save the moods of # pictures" }),
};

/** What can be done with the result for one picture. */
export const sharing = {
  title: "Keep or share",
  save: "Save as picture",
  share: "Share",
  copy: "Copy as text",
  compare: "Compare",
  remove: "Remove from the album",
  saved: (name: string): string => `Saved as ${name}.`,
  copied: "Copied.",
  notCopied: "The browser does not allow this page to copy. Select the text and copy it.",
  notShared: "The picture could not be shared. Save it instead.",
  fileSuffix: "mood",
  /** The result as text: the name of the picture, its moods, and valence and arousal. */
  text: (name: string, moods: [mood: string, probability: number][], affect: Affect | null | undefined): string =>
    `${name}: ${moods.map(([mood, probability]) => `${moodName(mood)} ${percent(probability)}`).join(", ")}` +
    (affect ? `; valence ${signed(affect.valence)}, arousal ${signed(affect.arousal)}` : ""),
};

/** Return a time of a video in hours, minutes and seconds. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  const digits = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${digits(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${digits(minutes % 60)}:${digits(whole % 60)}`;
}

/** The views of the webcam and of videos. */
export const video = {
  title: "Live",
  lead:
    "Classify webcam or video frames several times per second. Frames are sent only to this service and are not stored.",
  startWebcam: "Start the webcam",
  chooseVideo: "Choose a video file",
  capture: "Capture this frame",
  stopWebcam: "Stop",
  closeVideo: "Close the video",
  starting: "Starting …",
  rate: (framesPerSecond: number, latencyMs: number): string =>
    `${framesPerSecond.toFixed(1)} frames per second · ${integer(Math.round(latencyMs))} ms latency`,
  frameOfWebcam: (time: Date): string => `Frame at ${time.toLocaleTimeString(LANGUAGE)}`,
  frameOfVideo: (name: string, timeS: number): string => `${name} at ${clock(timeS)}`,
  unplayable: "Your browser cannot play this video.",
  unreadableFrames: "Your browser can play this video, but not jump to its frames.",
  insecureContext: "Browsers allow webcam access only over HTTPS or on localhost.",
  webcamDenied: "Webcam access was denied. Allow it in the browser's address bar.",
  noWebcam: "No webcam was found.",
  webcamUnavailable: "The webcam could not be started. Another program may be using it.",
  webcamLost: "The webcam was disconnected. It is started again as soon as it is connected.",
  webcamFrozen: "The webcam sends no new frames. Another program may be using it, or it may be covered or turned off.",
  outage: (message: string): string => `${message} The request is repeated until the service responds.`,
  nextAttempt: (seconds: number): string =>
    counted(seconds, { one: "Next attempt in # second", other: "Next attempt in # seconds" }),
  tryNow: "Try now",
  position: "Position in the video",
  positionOf: (timeS: number, durationS: number, moment: string): string =>
    `${clock(timeS)} of ${clock(durationS)}, ${moment}`,
  momentAt: (timeS: number, moment: string): string => `${clock(timeS)} · ${moment}`,
  moodAt: (mood: string, probability: number): string => `${moodName(mood)} ${percent(probability)}`,
  notClassified: "not classified yet",
  stripHelp: "The moods over time. Click to go to a time.",
  scan: "Scan the whole film",
  continueScan: "Continue the scan",
  stopScan: "Stop the scan",
  interval: "One frame every",
  intervalOf: (seconds: number): string =>
    new Intl.NumberFormat(LANGUAGE, { style: "unit", unit: seconds < 60 ? "second" : "minute", unitDisplay: "short" }).format(
      seconds < 60 ? seconds : seconds / 60,
    ),
  scanProgress: (nDone: number, n: number): string =>
    `${integer(nDone)} of ${counted(n, { one: "# frame", other: "# frames" })}`,
  scanned: (n: number, nFailed: number): string =>
    counted(n, { one: "# frame classified.", other: "# frames classified." }) +
    (nFailed ? ` ${counted(nFailed, { one: "# frame could not be classified.", other: "# frames could not be classified." })}` : ""),
  scanStopped: (nDone: number, n: number): string => `Stopped after ${video.scanProgress(nDone, n)}.`,
  /** The moods with the shares of the time in which they lead. */
  verdict: ([first, second]: { mood: string; share: number }[]): string => {
    if (!first) return "";
    const most = `Mostly ${moodName(first.mood)}, ${percent(first.share)} of the time`;
    return second ? `${most}, followed by ${moodName(second.mood)}, ${percent(second.share)}.` : `${most}.`;
  },
  saveCsv: "Save as CSV",
};

/** The view for developers. */
export const developers = {
  title: "Developers",
  lead: "Send requests to this service, or to another one, and copy the commands and programs that send the same.",
  service: "Service",
  protocols: "Protocols",
  tabs: { json: "JSON", protobuf: "Protobuf", inference: "Open Inference Protocol" },
  send: "Send",
  choosePicture: "Choose a picture",
  noPictureChosen: "no picture chosen",
  noPicture: "Choose a picture first.",
  invalidAddress: "The service address is not a valid URL.",
  unreadableFile: "The file cannot be read.",
  response: "Response",
  exchanged: (nSent: number, nReceived: number, ms: number): string =>
    `Sent ${counted(nSent, { one: "# byte", other: "# bytes" })} and received ` +
    `${counted(nReceived, { one: "# byte", other: "# bytes" })} in ${integer(Math.round(ms))} ms.`,
  shortened: (start: string, length: number): string =>
    `${start}… (${counted(length, { one: "# character", other: "# characters" })})`,
  tags: "Number of tags",
  explanation: "Explanation",
  explanations: { "": "none", tags: "tags", map: "heat map", all: "tags and heat map" },
  model: "Model",
  method: "Method",
  methodTitles: { mood: "picture to moods", tag: "picture to tags", classify: "tags to moods" } as Record<string, string>,
  message: "Message",
  kindTitles: { Image: "a picture", ImageTagSet: "tag rows" },
  messageIn: (name: string): string => `the message in ${name}`,
  remove: "Remove",
  rows: (n: number, isExample: boolean): string =>
    isExample
      ? `${counted(n, { one: "# example tag row", other: "# example tag rows" })}; send a picture to the method tag to use your own`
      : counted(n, { one: "# tag row", other: "# tag rows" }),
  saveRequest: "Save request",
  saveResponse: "Save response",
  saveProto: "Save .proto",
  unknownResponse: "The response is not an Image or ImageTagSet message. Save it to examine it.",
  dropMessage: "Drop an encoded message here to see its content and to send it",
  chooseMessage: "Choose a message",
  rowsMessage: (name: string, n: number): string =>
    `${name}: ImageTagSet, ${counted(n, { one: "# row", other: "# rows" })}`,
  imageMessage: (name: string, mimeType: string, nBytes: number): string =>
    `${name}: Image, ${mimeType || "no MIME type"}, ${counted(nBytes, { one: "# byte", other: "# bytes" })}`,
  columns: { image: "image", tag: "tag", score: "score" },
  showAll: (n: number): string => counted(n, { one: "Show # row", other: "Show all # rows" }),
  pictureInMessage: "Picture in the message",
  codeTitle: "The same request",
  codeHelp: "Run it in the folder with the file. If the service requires a token, set the environment variable TOKEN.",
  curl: "curl",
  python: "Python",
  copy: "Copy",
  copyCode: (title: string): string => `Copy ${title}`,
  copied: "Copied.",
  notCopied: "Select the text and copy it.",
};
