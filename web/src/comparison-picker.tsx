// Choosing two pictures of an album to compare.

import { useEffect, useState } from "preact/hooks";

import type { Album } from "./albums.ts";
import { comparisonId } from "./picture-ids.ts";
import type { Picture } from "./pictures.ts";
import { address, navigate } from "./router.ts";
import { comparison as texts } from "./texts.ts";

export interface ComparisonPicker {
  /** The pictures that are chosen so far; undefined if pictures are opened instead. */
  picked: ReadonlySet<Picture> | undefined;
  start: () => void;
  pick: (picture: Picture) => void;
  cancel: () => void;
}

/** Let the user choose two pictures, and then open their comparison. */
export function useComparisonPicker(album: Album): ComparisonPicker {
  const [picked, setPicked] = useState<ReadonlySet<Picture>>();
  const pick = (picture: Picture) => {
    const changed = new Set(picked);
    if (!changed.delete(picture)) changed.add(picture);
    if (changed.size < 2) setPicked(changed);
    else {
      setPicked(undefined);
      void navigate(address(["compare", ...[...changed].map((entry) => comparisonId(entry, album))]));
    }
  };
  return { picked, pick, start: () => setPicked(new Set()), cancel: () => setPicked(undefined) };
}

/** The notice that asks for the pictures; Esc cancels. */
export function PickerNotice({ picker: { picked, cancel } }: { picker: ComparisonPicker }) {
  const isActive = Boolean(picked);
  useEffect(() => {
    if (!isActive) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) cancel();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isActive]);
  return (
    <div class="notices" aria-live="polite">
      {picked && (
        <p class="notice">
          <span>{texts.pick(picked.size)}</span>
          <button type="button" onClick={cancel}>
            {texts.cancel}
          </button>
        </p>
      )}
    </div>
  );
}
