// Every text that the page displays, by view. To translate the page, translate this module.
//
// Texts with numbers are functions: `counted` selects the plural form, and the formats of numbers follow the language.

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

type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Return the form of a text for a number; `#` in the text stands for the number. */
export const counted = (n: number, forms: PluralForms): string =>
  (forms[pluralRules.select(n)] ?? forms.other).replace("#", () => integers.format(n));

export const integer = (n: number): string => integers.format(n);
export const list = (items: string[]): string => lists.format(items);

/** Return a probability or share as a percentage without decimals; small ones are not rounded to zero. */
export const percent = (probability: number): string =>
  probability > 0 && probability < 0.005 ? `<${percentages.format(0.01)}` : percentages.format(probability);

/** Return valence or arousal with its sign and two decimals. */
export const signed = (value: number): string => signedNumbers.format(value).replace("-", "−");

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
};

/** The start view: choosing pictures, and the samples. */
export const start = {};

/** The view of many pictures: tiles, filters, progress, summary and export. */
export const album = {};

/** The view of one picture: moods, tags, explanation, and what-if questions. */
export const picture = {};

/** The comparison of two pictures. */
export const comparison = {};

/** The views of the webcam and of videos. */
export const video = {};

/** The view for developers. */
export const developers = {};
