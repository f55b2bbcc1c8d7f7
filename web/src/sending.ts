import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { errorMessage } from "./service.ts";

export interface Sending<T> {
  value: T | undefined;
  error: string;
  isSending: boolean;
  send: (work: (signal: AbortSignal) => Promise<T>) => Promise<void>;
}

/** Send requests one at a time. What happened to one is forgotten as soon as `keys` change, on which it depended. */
export function useSending<T>(keys: unknown[]): Sending<T> {
  const idle = { value: undefined, error: "", isSending: false };
  const [state, setState] = useState<Omit<Sending<T>, "send">>(idle);
  const controller = useRef<AbortController | undefined>(undefined);
  const isFirst = useRef(true);
  // With a layout effect, so that a request that is sent immediately after a change is not aborted.
  useLayoutEffect(() => {
    if (!isFirst.current) setState(idle);
    isFirst.current = false;
    return () => controller.current?.abort();
  }, keys);

  const send: Sending<T>["send"] = async (work) => {
    controller.current?.abort();
    const { signal } = (controller.current = new AbortController());
    setState({ ...idle, isSending: true });
    try {
      const value = await work(signal);
      if (!signal.aborted) setState({ ...idle, value });
    } catch (problem) {
      if (!signal.aborted) setState({ ...idle, error: errorMessage(problem) });
    }
  };
  return { ...state, send };
}
