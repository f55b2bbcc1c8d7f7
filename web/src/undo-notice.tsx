// The notice that states the last change and offers to undo it.

import { useEffect, useState } from "preact/hooks";

import { common } from "./texts.ts";
import { type Step, undoLast, useSteps, useUndoKey } from "./undo.ts";
import "./undo-notice.css";

const NOTICE_MS = 15_000;

/** Displays the last change for a while; Ctrl+Z undoes it afterwards, too. The page contains this component once. */
export function UndoNotice() {
  useUndoKey();
  const step = useSteps().at(-1);
  const [hidden, setHidden] = useState<Step>();
  const [isKept, setIsKept] = useState(false); // while the pointer or the focus is on the notice
  const shown = step?.hasNotice && step !== hidden ? step : undefined;
  useEffect(() => setIsKept(false), [shown]);
  useEffect(() => {
    if (!shown || isKept) return undefined;
    const timer = setTimeout(() => setHidden(shown), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [shown, isKept]);
  const undo = () => {
    undoLast();
    document.querySelector("main")?.focus({ preventScroll: true }); // the button that had the focus no longer exists
  };
  return (
    <div class="notices" aria-live="polite">
      {shown && (
        <p
          class="notice"
          onPointerEnter={() => setIsKept(true)}
          onPointerLeave={() => setIsKept(false)}
          onFocusCapture={() => setIsKept(true)}
          onBlurCapture={() => setIsKept(false)}
        >
          <span>{shown.text}</span>
          <button type="button" onClick={undo}>
            {common.undo}
          </button>
          <button type="button" class="plain" aria-label={common.dismiss} onClick={() => setHidden(shown)}>
            <span aria-hidden="true">×</span>
          </button>
        </p>
      )}
    </div>
  );
}
