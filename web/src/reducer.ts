// A pool of workers that reduce pictures. They are started when they are needed first.

import createWorker from "./start-worker.ts"; // vite.config.ts may replace it

import { type Reduced, reduce } from "./reduction.ts";
import { pictures as texts } from "./texts.ts";

export interface Task {
  id: number;
  file: Blob;
  needsThumbnail: boolean;
}

export interface Answer {
  id: number;
  reduced?: Reduced;
  error?: string;
}

interface Job extends Task {
  resolve: (reduced: Reduced) => void;
  reject: (problem: unknown) => void;
}

// The service may run on the same machine, and the pictures being decoded take memory.
const N_WORKERS = Math.min(4, Math.max(1, Math.floor((navigator.hardwareConcurrency || 2) / 2)));
const waiting: Job[] = [];
const running = new Map<number, Job>();
let idle: Worker[] | undefined;
let nJobs = 0;

/** Return what to upload, and on request a thumbnail. Rejects if the file cannot be read. */
export function reduceInWorker(file: Blob, needsThumbnail: boolean): Promise<Reduced> {
  return new Promise((resolve, reject) => {
    waiting.push({ id: nJobs++, file, needsThumbnail, resolve, reject });
    distribute();
  });
}

function distribute(): void {
  idle ??= startWorkers();
  for (let worker; waiting.length && (worker = idle.pop()); ) {
    const job = waiting.shift()!;
    running.set(job.id, job);
    const { id, file, needsThumbnail } = job;
    worker.postMessage({ id, file, needsThumbnail } satisfies Task);
  }
  if (!nWorkers) for (const job of waiting.splice(0)) runHere(job);
}

let nWorkers = 0;

function startWorkers(): Worker[] {
  const workers: Worker[] = [];
  try {
    while (workers.length < N_WORKERS) workers.push(prepare(createWorker()));
  } catch {
    // Workers are not allowed here; the page reduces the pictures itself.
  }
  nWorkers = workers.length;
  return workers;
}

function prepare(worker: Worker): Worker {
  worker.onmessage = ({ data: { id, reduced, error } }: MessageEvent<Answer>) => {
    const job = running.get(id);
    running.delete(id);
    if (reduced) job?.resolve(reduced);
    else job?.reject(new Error(texts.unreadable, { cause: error }));
    idle!.push(worker);
    distribute();
  };
  worker.onerror = () => {
    // The script of the worker could not be loaded, or it ran out of memory.
    nWorkers = 0;
    for (const job of running.values()) runHere(job);
    running.clear();
    distribute();
  };
  return worker;
}

function runHere({ file, needsThumbnail, resolve, reject }: Job): void {
  reduce(file, needsThumbnail).then(resolve, (cause: unknown) => reject(new Error(texts.unreadable, { cause })));
}
