// What can be done with the result for a picture: save it, share it, copy it, compare it.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { removePicture, useRemoved } from "./album-changes.ts";
import { findAlbum } from "./albums.ts";
import { download } from "./common.tsx";
import { ranked } from "./moods.tsx";
import type { Picture } from "./pictures.ts";
import { comparisonId } from "./picture-ids.ts";
import { address, navigateUp, useRoute } from "./router.ts";
import { SAMPLES } from "./samples.ts";
import { errorMessage, type Prediction } from "./service.ts";
import { cardName, createCard } from "./share-card.ts";
import { sharing as texts } from "./texts.ts";
import "./picture-actions.css";

interface PictureActionsProps {
  picture: Picture;
  /** The prediction for the whole picture, with all tags. */
  prediction: Prediction;
  /** Buttons that the view adds. */
  children?: ComponentChildren;
}

/** The result as one line of text. */
export const resultText = (picture: Picture, { moods, affect }: Prediction): string =>
  texts.text(picture.name, ranked(moods), affect);

/** Whether the system can share pictures. */
const canShare = (): boolean =>
  Boolean(navigator.canShare?.({ files: [new File([], cardName(""), { type: "image/jpeg" })] }));

export function PictureActions({ picture, prediction, children }: PictureActionsProps) {
  const [status, setStatus] = useState("");
  const [uncopied, setUncopied] = useState("");
  const [error, setError] = useState("");
  const route = useRoute();
  const album = findAlbum(route.album);
  const removed = useRemoved(album);
  const isRemovable = album && album.id !== SAMPLES && album.pictures.length > 1 && !removed.has(picture);
  const remove = () => {
    removePicture(album!, picture);
    navigateUp(address(["album"], Object.fromEntries(route.parameters)));
  };
  const run = async (action: () => Promise<string>) => {
    setStatus("");
    setUncopied("");
    setError("");
    try {
      setStatus(await action());
    } catch (problem) {
      setError(errorMessage(problem));
    }
  };
  const save = async () => {
    const card = await createCard(picture, prediction);
    download(card, card.name);
    return texts.saved(card.name);
  };
  const share = async () => {
    const card = await createCard(picture, prediction);
    try {
      await navigator.share({ files: [card], text: resultText(picture, prediction) });
    } catch (problem) {
      const isCancelled = problem instanceof DOMException && problem.name === "AbortError";
      if (!isCancelled) throw new Error(texts.notShared);
    }
    return "";
  };
  const copy = async () => {
    const text = resultText(picture, prediction);
    if (await copyText(text)) return texts.copied;
    setUncopied(text);
    return texts.notCopied;
  };
  return (
    <section class="actions" aria-label={texts.title}>
      <div class="buttons">
        <button type="button" onClick={() => void run(save)}>
          {texts.save}
        </button>
        {canShare() && (
          <button type="button" onClick={() => void run(share)}>
            {texts.share}
          </button>
        )}
        <button type="button" onClick={() => void run(copy)}>
          {texts.copy}
        </button>
        <a class="button" href={address(["compare", comparisonId(picture, album)])}>
          {texts.compare}
        </a>
        {isRemovable && (
          <button type="button" onClick={remove}>
            {texts.remove}
          </button>
        )}
        {children}
      </div>
      <p class="muted" aria-live="polite">
        {status}
      </p>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {uncopied && <SelectedText text={uncopied} />}
    </section>
  );
}

/** Text to copy by hand. */
function SelectedText({ text }: { text: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [text]);
  return <textarea ref={field} readOnly rows={3} value={text} aria-label={texts.copy} />;
}

/** Copy text to the clipboard, and return whether this succeeded. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text); // undefined on pages without HTTPS
    return true;
  } catch {
    return copySelection(text);
  }
}

function copySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
