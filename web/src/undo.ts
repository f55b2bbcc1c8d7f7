// Changes that the user can take back, the last one first: with a button, or with Ctrl+Z.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

const MAX_STEPS = 100;

export interface Step {
  /** What was done, as a sentence: "beach.jpg was removed." */
  text: string;
  /** Restore the state before the change. */
  undo: () => void;
  /** Whether the change is announced with a notice. Views with an Undo button of their own need none. */
  hasNotice: boolean;
}

let steps: Step[] = [];
const listeners = new Set<() => void>();

function replaceSteps(changed: Step[]): void {
  steps = changed;
  for (const listener of [...listeners]) listener();
}

export const discardStep = (step: Step): void => {
  if (steps.includes(step)) replaceSteps(steps.filter((other) => other !== step));
};

/** Add a change that can be undone. Return its step, for `discardStep`. */
export function addStep(text: string, undo: () => void, { hasNotice = true } = {}): Step {
  const step = { text, undo, hasNotice };
  replaceSteps([...steps, step].slice(-MAX_STEPS));
  return step;
}

/** Undo the last change, or the last one of `own`. Return whether there was one. */
export function undoLast(own?: ReadonlySet<Step>): boolean {
  const step = own ? steps.findLast((candidate) => own.has(candidate)) : steps.at(-1);
  if (!step) return false;
  discardStep(step);
  step.undo();
  return true;
}

/** Return the changes that can be undone, and render the component again when there are others. */
export function useSteps(): Step[] {
  const [current, setCurrent] = useState(steps);
  useEffect(() => {
    const update = () => setCurrent(steps);
    update();
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return current;
}

export interface ViewSteps {
  /** Add a change, without a notice. */
  add: (text: string, undo: () => void) => void;
  undo: () => void;
  canUndo: boolean;
  /** Forget the changes of this view, for example because all of them were reset. */
  clear: () => void;
}

/** Changes within one view, for its Undo button. They are forgotten when the view is closed. */
export function useViewSteps(): ViewSteps {
  const own = useRef(new Set<Step>());
  const current = useSteps();
  const clear = useCallback(() => {
    replaceSteps(steps.filter((step) => !own.current.has(step)));
    own.current.clear();
  }, []);
  useEffect(() => clear, []);
  return {
    add: useCallback((text, undo) => void own.current.add(addStep(text, undo, { hasNotice: false })), []),
    undo: useCallback(() => void undoLast(own.current), []),
    canUndo: current.some((step) => own.current.has(step)),
    clear,
  };
}

const EDITABLE = "input:not([type='checkbox'], [type='radio'], [type='range'], [type='button']), textarea, [contenteditable]";

/** Undo with Ctrl+Z, or Command+Z. Fields for text keep the undo function of the browser. */
export function useUndoKey(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isUndo || event.defaultPrevented || (event.target as Element).closest?.(EDITABLE)) return;
      if (undoLast()) event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
