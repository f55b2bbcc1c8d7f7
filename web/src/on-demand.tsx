import type { ComponentType } from "preact";
import { useState } from "preact/hooks";

import { useRequest } from "./hooks.ts";
import { RetryableError } from "./retryable-error.tsx";
import { common } from "./texts.ts";

/**
 * Return a component that is loaded when it is first displayed, so that the start appears sooner. If it cannot be loaded,
 * for example because the service does not respond, an error offers to try again.
 */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function OnDemand(props: Props) {
    const [isLoaded] = useState(loaded !== undefined);
    const { error, retry } = useRequest(async () => {
      if (!isLoaded) loaded = await load();
    }, []);
    const Component = loaded;
    return Component ? <Component {...props} /> : <RetryableError error={error && common.partNotLoaded} onRetry={retry} />;
  };
}
