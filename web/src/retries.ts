// Repetition of requests while the service does not respond.

import { pause } from "./pause.ts";
import { errorMessage, ServiceError } from "./service.ts";

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
const TEMPORARY_STATUSES = [0, 408, 429, 500, 502, 503, 504];

/** A time during which the service does not respond. */
export interface Outage {
  message: string;
  /** When the request is repeated, in the time of `performance.now()`. */
  retryAtMs: number;
  retryNow: () => void;
}

export const isTemporary = (error: unknown): error is ServiceError =>
  error instanceof ServiceError && TEMPORARY_STATUSES.includes(error.status);

/** Return how long to wait after a number of failures: twice as long each time, and at least as long as the service asks. */
export const retryDelayMs = (failures: number, retryAfterS = 0): number =>
  Math.max(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1)), 1000 * retryAfterS);

/**
 * Send a request until the service responds. Other errors than those that pass are thrown. `onOutage` is called with each
 * failure, and without an argument as soon as the service responds again.
 */
export async function untilAnswered<T>(
  send: () => Promise<T>,
  signal: AbortSignal,
  onOutage: (outage?: Outage) => void,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      const answer = await send();
      if (failures) onOutage();
      return answer;
    } catch (problem) {
      if (signal.aborted || !isTemporary(problem)) throw problem;
      failures += 1;
      const delayMs = retryDelayMs(failures, problem.retryAfter);
      await interruptiblePause(delayMs, signal, (retryNow) =>
        onOutage({ message: errorMessage(problem), retryAtMs: performance.now() + delayMs, retryNow }),
      );
    }
  }
}

/** Wait until the time is over, the user asks for the next attempt, or the browser is online again. */
async function interruptiblePause(ms: number, signal: AbortSignal, onStart: (end: () => void) => void): Promise<void> {
  const waiting = new AbortController();
  const end = () => waiting.abort();
  addEventListener("online", end);
  signal.addEventListener("abort", end);
  onStart(end);
  try {
    await pause(ms, waiting.signal);
  } catch {
    signal.throwIfAborted();
  } finally {
    removeEventListener("online", end);
    signal.removeEventListener("abort", end);
  }
}
