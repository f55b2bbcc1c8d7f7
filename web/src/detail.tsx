// The view of one picture, which is not loaded before it is likely to be needed, so that the start appears sooner.

import { useRequest } from "./hooks.ts";
import type { DetailProps } from "./picture-detail.tsx";
import { RetryableError } from "./retryable-error.tsx";
import { picture as texts } from "./texts.ts";

let loaded: typeof import("./picture-detail.tsx") | undefined;
const load = async () => (loaded ??= await import("./picture-detail.tsx"));

// Whoever opens a picture uses the pointer or the keyboard before. The service may have stopped by then.
for (const type of ["pointermove", "pointerdown", "keydown", "dragenter"])
  addEventListener(type, () => void load().catch(() => undefined), { once: true, passive: true });

export function Detail(props: DetailProps) {
  const view = useRequest(load, []);
  if (view.error) return <RetryableError error={texts.viewNotLoaded} onRetry={view.retry} />;
  return loaded ? <loaded.PictureDetail {...props} /> : null;
}
