// Classifies the pictures of an album, a few at a time, and reports the progress to the views at most once per frame.

import { JSON_TYPE, type Picture, prepare } from "./pictures.ts";
import type { Reduced } from "./reduction.ts";
import {
  errorMessage,
  isError,
  type Labels,
  predict,
  type Prediction,
  type PredictionError,
  predictMany,
  ServiceError,
} from "./service.ts";
import { album as texts } from "./texts.ts";

const PICTURES_PER_REQUEST = 8;
const CONCURRENT_REQUESTS = 2; // the service decodes the next pictures while it classifies the previous ones
const PREPARED_AHEAD = 24; // pictures that are reduced while the service works on others
const REDRAW_INTERVAL_MS = 200;
const REDRAW_INTERVAL_PER_PICTURE_MS = 0.2; // a redraw of a larger album takes longer
const MAX_BYTES_FRACTION = 0.8; // of the service's limit; the rest is for the multipart encoding
// Errors of the service or of the connection, rather than of a picture.
const SERVICE_ERRORS = [0, 401, 403, 408, 421, 429, 502, 503, 504];

export interface Entry {
  picture: Picture;
  /** The URL of a thumbnail; empty if the browser cannot display the picture. */
  thumbnail?: string;
  result?: Prediction | PredictionError;
}

/** An album is `new` before it is displayed first, `stopped` by the user, and `interrupted` by an error. */
export type Status = "new" | "loading" | "stopped" | "interrupted" | "done";

export interface Progress {
  entries: Entry[];
  status: Status;
  /** Why the classification was interrupted. */
  error: string;
  nClassified: number;
  nFailed: number;
}

interface Prepared {
  index: number;
  upload: Blob;
  thumbnail: Blob | undefined;
}

export class AlbumLoader {
  #progress: Progress;
  #next: Progress;
  #frame: ReturnType<typeof setTimeout> | 0 = 0;
  #listeners = new Set<(progress: Progress) => void>();
  #controller = new AbortController();
  /** Called with every picture that is finished. */
  onFinished: ((index: number, prepared: Reduced, result: Prediction | PredictionError) => void) | undefined;

  constructor(readonly pictures: Picture[]) {
    this.#progress = {
      entries: pictures.map((picture) => ({ picture })),
      status: "new",
      error: "",
      nClassified: 0,
      nFailed: 0,
    };
    this.#next = this.#progress;
  }

  get progress(): Progress {
    return this.#progress;
  }

  subscribe(listener: (progress: Progress) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Classify the pictures that have no result yet. */
  start(labels: Labels): void {
    if (this.#next.status === "loading") return;
    this.#controller = new AbortController();
    this.#change({ status: "loading", error: "" });
    void this.#run(labels, this.#controller.signal);
  }

  stop(): void {
    if (this.#next.status !== "loading") return;
    this.#controller.abort();
    this.#change({ status: "stopped" });
  }

  /** Try again what failed: the pictures without a prediction. */
  retry(labels: Labels): void {
    if (this.#next.status === "loading") return;
    const entries = this.#next.entries.map((entry) => {
      if (!entry.result || !isError(entry.result)) return entry;
      const { result, ...rest } = entry;
      return rest;
    });
    this.#change({ entries, nFailed: 0 });
    this.start(labels);
  }

  /** Use results that are already known, those from before the page was loaded again. */
  restore(known: Pick<Entry, "thumbnail" | "result">[]): void {
    known.forEach((fields, index) => this.#update(index, fields));
    this.#change({ status: "done" });
    this.#progress = this.#next; // at once, so that the classification does not start
  }

  /** Release the thumbnails, when the album is forgotten. */
  dispose(): void {
    this.#controller.abort();
    this.#listeners.clear();
    for (const { thumbnail } of this.#next.entries) if (thumbnail) URL.revokeObjectURL(thumbnail);
  }

  async #run(labels: Labels, signal: AbortSignal): Promise<void> {
    const pending = this.#next.entries.flatMap(({ result }, index) => (result ? [] : [index]));
    const batches = this.#batches(pending, labels, signal);
    const work = async () => {
      for await (const batch of batches) {
        await this.#classify(batch, signal);
        if (signal.aborted) return;
      }
    };
    try {
      await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, work));
      if (!signal.aborted) this.#change({ status: "done" });
    } catch (problem) {
      if (signal.aborted) return;
      this.#controller.abort();
      this.#change({ status: "interrupted", error: errorMessage(problem) });
    }
  }

  async #classify(batch: Prepared[], signal: AbortSignal): Promise<void> {
    try {
      const uploads = batch.map(({ upload }) => upload);
      const isFile = uploads[0]!.type !== JSON_TYPE;
      const results = isFile ? await predictMany(uploads, signal) : [await predict(uploads[0]!, {}, signal)];
      if (!signal.aborted) results.forEach((result, i) => this.#finish(batch[i]!, result));
    } catch (problem) {
      if (signal.aborted) return;
      if (!(problem instanceof ServiceError) || SERVICE_ERRORS.includes(problem.status)) throw problem;
      // One of the pictures makes the service fail: find out which one.
      if (batch.length > 1) for (const one of batch) await this.#classify([one], signal);
      else this.#finish(batch[0]!, failure(problem.message, problem.status));
    }
  }

  /** Yield pictures that are ready for upload, in order, in groups that fit into a request. */
  async *#batches(pending: number[], { limits }: Labels, signal: AbortSignal): AsyncGenerator<Prepared[]> {
    const maxPictures = Math.min(PICTURES_PER_REQUEST, limits.max_images);
    const ahead: Promise<Prepared | undefined>[] = [];
    let batch: Prepared[] = [];
    let bytes = 0;
    for (let next = 0; next < pending.length || ahead.length; ) {
      while (ahead.length < PREPARED_AHEAD && next < pending.length) {
        ahead.push(this.#prepare(pending[next++]!, limits.max_bytes, signal));
      }
      const prepared = await ahead.shift()!;
      if (signal.aborted) return;
      if (!prepared) continue;
      const isRequest = prepared.upload.type === JSON_TYPE;
      const isFull = batch.length === maxPictures || bytes + prepared.upload.size > MAX_BYTES_FRACTION * limits.max_bytes;
      if (batch.length && (isFull || isRequest)) {
        yield batch;
        [batch, bytes] = [[], 0];
      }
      if (isRequest) {
        yield [prepared];
        continue;
      }
      batch.push(prepared);
      bytes += prepared.upload.size;
    }
    if (batch.length) yield batch;
  }

  async #prepare(index: number, maxBytes: number, signal: AbortSignal): Promise<Prepared | undefined> {
    const entry = this.#next.entries[index]!;
    try {
      const { upload, thumbnail } = await prepare(entry.picture.file, entry.thumbnail === undefined);
      if (signal.aborted) return undefined;
      if (entry.thumbnail === undefined) {
        this.#update(index, { thumbnail: thumbnail ? URL.createObjectURL(thumbnail) : "" });
      }
      if (upload.size <= maxBytes) return { index, upload, thumbnail };
      this.#finish({ index, upload, thumbnail }, failure(texts.tooLarge(maxBytes), 413));
    } catch (problem) {
      if (!signal.aborted) this.#update(index, { thumbnail: "", result: failure(errorMessage(problem), 0) });
    }
    return undefined;
  }

  #finish(prepared: Prepared, result: Prediction | PredictionError): void {
    this.#update(prepared.index, { result });
    this.onFinished?.(prepared.index, prepared, result);
  }

  #update(index: number, fields: Partial<Entry>): void {
    const isCopied = this.#next.entries !== this.#progress.entries;
    const entries = isCopied ? this.#next.entries : [...this.#next.entries];
    const isFirst = fields.result && !entries[index]!.result;
    entries[index] = { ...entries[index]!, ...fields };
    const hasFailed = fields.result && isError(fields.result);
    this.#change({
      entries,
      nClassified: this.#next.nClassified + (isFirst && !hasFailed ? 1 : 0),
      nFailed: this.#next.nFailed + (isFirst && hasFailed ? 1 : 0),
    });
  }

  /** Collect changes, so that the views are drawn at most once per frame, and while loading a few times per second. */
  #change(fields: Partial<Progress>): void {
    const isStatus = "status" in fields;
    this.#next = { ...this.#next, ...fields };
    if (this.#frame && !isStatus) return;
    if (this.#frame) clearTimeout(this.#frame);
    this.#frame = setTimeout(() => {
      this.#frame = 0;
      this.#progress = this.#next;
      // In the background there are no frames.
      if (document.hidden) this.#notify();
      else requestAnimationFrame(() => this.#notify());
    }, isStatus ? 0 : Math.max(REDRAW_INTERVAL_MS, REDRAW_INTERVAL_PER_PICTURE_MS * this.#next.entries.length));
  }

  #notify(): void {
    for (const listener of this.#listeners) listener(this.#progress);
  }
}

const failure = (detail: string, status: number): PredictionError => ({
  image: "",
  error: { type: "", title: "", status, detail },
});
