import { useEffect, useMemo, useState } from "preact/hooks";

import { said } from "./service.ts";

/** An address for a file, given back when it is no longer shown. */
export function useObjectUrl(file: Blob | undefined): string | undefined {
  const url = useMemo(() => (file ? URL.createObjectURL(file) : undefined), [file]);
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);
  return url;
}

export interface Answer<T> {
  value: T | undefined;
  error: string;
  isWaiting: boolean;
}

/** Ask again whenever `keys` change; until the new answer is there, the last one stays. */
export function useAnswer<T>(question: (signal: AbortSignal) => Promise<T>, keys: unknown[]): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ value: undefined, error: "", isWaiting: true });
  useEffect(() => {
    const control = new AbortController();
    setAnswer((last) => ({ ...last, isWaiting: true }));
    question(control.signal).then(
      (value) => {
        if (!control.signal.aborted) setAnswer({ value, error: "", isWaiting: false });
      },
      (error: unknown) => {
        if (!control.signal.aborted) setAnswer({ value: undefined, error: said(error), isWaiting: false });
      },
    );
    return () => control.abort();
  }, keys);
  return answer;
}
