// Buttons that save the moods of an album.

import { arrange, type Arrangement, predictionOf } from "./album-order.ts";
import { download } from "./common.tsx";
import { toCsv, toJson } from "./export.ts";
import type { Entry } from "./predictions.ts";
import type { Labels } from "./service.ts";
import { exporting as texts } from "./texts.ts";

const CSV = "text/csv;charset=utf-8";

interface AlbumExportProps {
  entries: Entry[];
  labels: Labels;
  arrangement: Arrangement;
}

/** Save the moods of the pictures that are displayed, in their order; those that are not classified are left out. */
export function AlbumExport({ entries, labels, arrangement }: AlbumExportProps) {
  const moods = labels.moods.map(({ mood }) => mood);
  const sorted = () => arrange(entries, arrangement, moods);
  const save = (content: string, type: string, extension: string) =>
    download(new Blob([content], { type }), `${texts.fileName}.${extension}`);
  const n = entries.filter(predictionOf).length;
  return (
    <details class="export">
      <summary>{texts.pictures(n)}</summary>
      <div class="buttons">
        <button type="button" disabled={!n} onClick={() => save(toCsv(sorted()), CSV, "csv")}>
          {texts.csv}
        </button>
        <button type="button" disabled={!n} onClick={() => save(toCsv(sorted(), { forSpreadsheets: true }), CSV, "csv")}>
          {texts.spreadsheet}
        </button>
        <button type="button" disabled={!n} onClick={() => save(toJson(sorted(), labels), "application/json", "json")}>
          {texts.json}
        </button>
      </div>
    </details>
  );
}
