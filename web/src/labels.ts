import { useCallback, useEffect, useState } from "preact/hooks";

import { errorMessage, fetchLabels, type Labels, ServiceError, token } from "./service.ts";
import { common } from "./texts.ts";

export interface LabelsState {
  labels: Labels | undefined;
  error: string;
  needsToken: boolean;
  isLoading: boolean;
  load: () => Promise<void>;
}

/** Load the service's labels, which the page needs first, and find out whether it requires a token. */
export function useLabels(): LabelsState {
  const [state, setState] = useState<Omit<LabelsState, "load">>({
    labels: undefined,
    error: "",
    needsToken: false,
    isLoading: true,
  });
  const load = useCallback(async () => {
    setState((previous) => ({ ...previous, isLoading: true }));
    try {
      setState({ labels: await fetchLabels(), error: "", needsToken: false, isLoading: false });
    } catch (problem) {
      const needsToken = problem instanceof ServiceError && problem.status === 401;
      const error = needsToken ? token.get() && common.tokenRejected : errorMessage(problem);
      setState((previous) => ({ ...previous, error, needsToken, isLoading: false }));
    }
  }, []);
  useEffect(() => void load(), []);
  return { ...state, load };
}
