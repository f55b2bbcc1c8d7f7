// Files with the moods of an album, which `imagemood` can read: CSV as from `imagemood classify`, and JSON as from the
// service.

import { ranked } from "./moods.tsx";
import type { Entry } from "./predictions.ts";
import { isError, type Labels } from "./service.ts";

// As in formulas.py: the characters with which spreadsheets start formulas, including the full-width forms.
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const BYTE_ORDER_MARK = "\ufeff";

type ClassifiedEntry = Entry & Required<Pick<Entry, "result">>;

const classified = (entries: Entry[]): ClassifiedEntry[] =>
  entries.filter((entry): entry is ClassifiedEntry => entry.result !== undefined);

/** Return the names of pictures with a number in those that occurred before, such as `image (2).png`. */
export function uniqueNames(names: string[]): string[] {
  const used = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    const [stem, extension] = splitExtension(name);
    let numbered = name;
    for (let n = 2; used.has(numbered); n++) numbered = `${stem} (${n})${extension}`;
    used.add(numbered);
    return numbered;
  });
}

/** Split a name before its extension: `a.b/photo.jpg` into `a.b/photo` and `.jpg`. */
export function splitExtension(name: string): [stem: string, extension: string] {
  const [, stem, extension] = /^(.*[^/])(\.[^./\s]{1,8})$/s.exec(name) ?? [];
  return stem && extension ? [stem, extension] : [name, ""];
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Return a row for each picture and mood: image, mood, probability. Pictures that failed are left out. For spreadsheets,
 * an apostrophe precedes text that they would read as a formula, and a byte order mark states that the text is UTF-8.
 */
export function toCsv(entries: Entry[], { forSpreadsheets = false } = {}): string {
  const results = classified(entries);
  const names = uniqueNames(results.map(({ picture }) => picture.name));
  const field = (text: string) => csvField(forSpreadsheets && FORMULA.test(text) ? `'${text}` : text);
  const rows = results.flatMap(({ result }, i) =>
    isError(result)
      ? []
      : ranked(result.moods).map(([mood, probability]) => `${field(names[i]!)},${field(mood)},${probability}\n`),
  );
  return `${forSpreadsheets ? BYTE_ORDER_MARK : ""}image,mood,probability\n${rows.join("")}`;
}

/** Return an object like the service's response: the model, and the result for each picture, failed ones included. */
export function toJson(entries: Entry[], { model }: Pick<Labels, "model">): string {
  const results = classified(entries);
  const names = uniqueNames(results.map(({ picture }) => picture.name));
  const lines = results.map(({ result }, i) => JSON.stringify({ ...result, image: names[i]! }));
  return `{"model":${JSON.stringify(model)},"results":[\n${lines.join(",\n")}\n]}\n`;
}
