import { useEffect, useMemo, useState } from "preact/hooks";

import { errorMessage } from "./service.ts";

/** Return an object URL for a file and revoke it when it is no longer displayed. */
export function useObjectUrl(file: Blob | undefined): string | undefined {
  const url = useMemo(() => (file ? URL.createObjectURL(file) : undefined), [file]);
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);
  return url;
}

export interface RequestState<T> {
  value: T | undefined;
  error: string;
  isLoading: boolean;
}

/** Send a request whenever `keys` change, or again with `retry`. The previous value is kept until the new one arrives. */
export function useRequest<T>(
  send: (signal: AbortSignal) => Promise<T>,
  keys: unknown[],
): RequestState<T> & { retry: () => void } {
  const [state, setState] = useState<RequestState<T>>({ value: undefined, error: "", isLoading: true });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setState((previous) => ({ ...previous, isLoading: true }));
    send(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setState({ value, error: "", isLoading: false });
      },
      (error: unknown) => {
        if (!controller.signal.aborted)
          setState({ value: undefined, error: errorMessage(error), isLoading: false });
      },
    );
    return () => controller.abort();
  }, [...keys, attempt]);
  return { ...state, retry: () => setAttempt((n) => n + 1) };
}
