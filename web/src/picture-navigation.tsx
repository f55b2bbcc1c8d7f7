// The links from one picture to the next, to the previous one and to the album, and their keys.

import { useEffect } from "preact/hooks";

import { navigate, navigateUp } from "./router.ts";
import { picture as texts } from "./texts.ts";
import "./picture-navigation.css";

interface PictureNavigationProps {
  /** The addresses of the pictures in their order in the album. */
  addresses: string[];
  current: string;
  /** The address of the album, or of the start. */
  up: string;
  upLabel: string;
}

// Elements that use the arrow keys themselves.
const USES_KEYS = 'input, select, textarea, video, audio, [role="slider"], [contenteditable], [data-arrow-keys]';

export function PictureNavigation({ addresses, current, up, upLabel }: PictureNavigationProps) {
  const index = addresses.indexOf(current);
  const previous = addresses[index - 1];
  const next = index < 0 ? undefined : addresses[index + 1];
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isModified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      if (isModified || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const isRightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
      const [back, forth] = isRightToLeft ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
      if (event.key === "Escape") navigateUp(up);
      else if (event.target instanceof Element && event.target.closest(USES_KEYS)) return;
      // The same entry of the history, so that Back returns to the album in one step.
      else if (event.key === back) step(-1);
      else if (event.key === forth) step(1);
      else return;
      event.preventDefault();
    };
    const step = (difference: number) => {
      const position = addresses.indexOf(location.hash); // keys may be pressed faster than the page is drawn
      const to = position < 0 ? undefined : addresses[position + difference];
      if (to) void navigate(to, { isReplacing: true });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [addresses.join(" "), up]);

  return (
    <nav class="picture-navigation" aria-label={texts.navigation}>
      <button type="button" class="plain back" onClick={() => navigateUp(up)}>
        <span aria-hidden="true">←</span> {upLabel}
      </button>
      {index >= 0 && addresses.length > 1 && (
        <span class="position">
          <Step to={previous} label={texts.previous} arrow="‹" />
          <span class="muted">{texts.position(index + 1, addresses.length)}</span>
          <Step to={next} label={texts.next} arrow="›" />
        </span>
      )}
    </nav>
  );
}

function Step({ to, label, arrow }: { to: string | undefined; label: string; arrow: string }) {
  return (
    <button
      type="button"
      class="plain"
      disabled={!to}
      aria-label={label}
      title={label}
      onClick={() => to && void navigate(to, { isReplacing: true })}
    >
      <span aria-hidden="true">{arrow}</span>
    </button>
  );
}
