// What would the moods be without some tags, without a region of the picture, or from the tags alone?

import { useCallback, useRef, useState } from "preact/hooks";

import type { Fill, Stroke } from "./painting.ts";
import { useViewSteps } from "./undo.ts";

export interface WhatIf {
  tagsOff: ReadonlySet<string>;
  strokes: Stroke[];
  fill: Fill;
  /** Whether the moods are predicted from the tags alone. */
  tagsOnly: boolean;
}

const NOTHING: WhatIf = { tagsOff: new Set(), strokes: [], fill: "surroundings", tagsOnly: false };

export interface WhatIfChanges extends WhatIf {
  /** Whether tags are turned off, or a part of the picture is painted over. */
  isChanged: boolean;
  change: (fields: Partial<WhatIf>, text: string) => void;
  undo: () => void;
  canUndo: boolean;
}

/** The state of the what-if questions about a picture. Every change can be undone. */
export function useWhatIf(): WhatIfChanges {
  const [state, setState] = useState(NOTHING);
  const latest = useRef(NOTHING);
  const { add, undo, canUndo } = useViewSteps();
  const replace = useCallback((next: WhatIf) => {
    latest.current = next;
    setState(next);
  }, []);
  const change = useCallback((fields: Partial<WhatIf>, text: string) => {
    const previous = latest.current;
    add(text, () => replace(previous));
    replace({ ...previous, ...fields });
  }, []);
  return { ...state, isChanged: state.tagsOff.size > 0 || state.strokes.length > 0, change, undo, canUndo };
}

export const withToggled = (tags: ReadonlySet<string>, tag: string): ReadonlySet<string> => {
  const next = new Set(tags);
  if (!next.delete(tag)) next.add(tag);
  return next;
};
