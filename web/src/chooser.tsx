// The form for choosing pictures: drop, paste, files, a folder, the webcam, samples.

import { useEffect, useState } from "preact/hooks";

import { ErrorMessage, FileButton } from "./common.tsx";
import { MoodGuide } from "./mood-guide.tsx";
import { filesFromDrop } from "./pictures.ts";
import { address } from "./router.ts";
import { SampleList } from "./sample-list.tsx";
import type { Mood } from "./service.ts";
import { start as texts } from "./texts.ts";

interface ChooserProps {
  onFiles: (files: File[]) => void;
  error: string;
  isCompact: boolean;
  moods: Mood[];
}

/** Handle files that are dropped or pasted on the page. Return whether files are being dragged over it. */
export function useDropAndPaste(onFiles: (files: File[]) => void): boolean {
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    // Elements with data-drop handle dropped files themselves.
    const isAccepted = (event: DragEvent) =>
      !(event.target as Element).closest?.("[data-drop]") && event.dataTransfer?.types.includes("Files");
    const onDragOver = (event: DragEvent) => {
      event.preventDefault(); // otherwise the browser leaves the page and opens the file
      setIsDragging(Boolean(isAccepted(event)));
    };
    const onDragLeave = (event: DragEvent) => {
      if (!event.relatedTarget) setIsDragging(false);
    };
    const onDrop = (event: DragEvent) => {
      event.preventDefault();
      setIsDragging(false);
      if (isAccepted(event) && event.dataTransfer) void filesFromDrop(event.dataTransfer).then(onFiles);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      if (files.length) onFiles(files);
    };
    document.addEventListener("dragover", onDragOver);
    document.addEventListener("dragleave", onDragLeave);
    document.addEventListener("drop", onDrop);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("dragover", onDragOver);
      document.removeEventListener("dragleave", onDragLeave);
      document.removeEventListener("drop", onDrop);
      document.removeEventListener("paste", onPaste);
    };
  }, [onFiles]);
  return isDragging;
}

export function Chooser({ onFiles, error, isCompact, moods }: ChooserProps) {
  return (
    <section class={isCompact ? "chooser compact" : "chooser"} aria-label={texts.choosePictures}>
      {!isCompact && (
        <>
          <h1>{texts.title}</h1>
          <p class="lead">{texts.lead}</p>
          <MoodGuide moods={moods} />
        </>
      )}
      <div class="drop">
        {!isCompact && <p>{texts.drop}</p>}
        <div class="buttons">
          <FileButton accept="image/*" isPrimary onFiles={onFiles}>
            {texts.choosePictures}
          </FileButton>
          <FileButton isFolder onFiles={onFiles}>
            {texts.folder}
          </FileButton>
          <a class="button" href={address(["live"])}>
            {texts.webcam}
          </a>
        </div>
        <ErrorMessage>{error}</ErrorMessage>
      </div>
      {!isCompact && <SampleList moods={moods} />}
    </section>
  );
}

/** Return the error message for files of which none is a picture. */
export function noPictureMessage(files: File[]): string {
  return texts.noPictures(files.length, files[0]?.name ?? "");
}
