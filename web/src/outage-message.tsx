import { useEffect, useState } from "preact/hooks";

import type { Outage } from "./retries.ts";
import { video as texts } from "./texts.ts";

/** Says that the service does not respond, and when the request is repeated. */
export function OutageMessage({ outage }: { outage: Outage | undefined }) {
  const [nowMs, setNowMs] = useState(performance.now());
  useEffect(() => {
    if (!outage) return undefined;
    setNowMs(performance.now());
    const timer = setInterval(() => setNowMs(performance.now()), 500);
    return () => clearInterval(timer);
  }, [outage]);
  const seconds = outage ? Math.max(0, Math.ceil((outage.retryAtMs - nowMs) / 1000)) : 0;
  // Screen readers announce the message, but not each second until the next attempt.
  return (
    <>
      <div role="status">{outage && <p class="error">{texts.outage(outage.message)}</p>}</div>
      {outage && (
        <div class="buttons outage">
          <button type="button" onClick={outage.retryNow}>
            {texts.tryNow}
          </button>
          <span class="muted">{texts.nextAttempt(seconds)}</span>
        </div>
      )}
    </>
  );
}
