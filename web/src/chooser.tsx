// The form for choosing pictures: drop, paste, files, a folder, the webcam, samples.

import { useEffect, useState } from "preact/hooks";

import { ErrorMessage, FileButton } from "./common.tsx";
import { useRequest } from "./hooks.ts";
import { MoodFace, titleCase } from "./moods.tsx";
import { filesFromDrop } from "./pictures.ts";
import { address, navigate } from "./router.ts";
import { loadSamples, sampleId, SAMPLES } from "./samples.ts";
import { type Mood, request, type Sample } from "./service.ts";

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
    <section class={isCompact ? "chooser compact" : "chooser"} aria-label="Choose pictures">
      {!isCompact && (
        <>
          <h1>What mood does a picture evoke?</h1>
          <p class="lead">Choose a picture to see which of these moods it evokes, how strongly, and why.</p>
          <ul class="mood-list">
            {moods.map(({ mood }) => (
              <li key={mood}>
                <MoodFace mood={mood} size={40} />
                {titleCase(mood)}
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="drop">
        {!isCompact && <p>Drop or paste pictures here</p>}
        <div class="buttons">
          <FileButton accept="image/*" isPrimary onFiles={onFiles}>
            Choose pictures
          </FileButton>
          <FileButton isFolder onFiles={onFiles}>
            Folder
          </FileButton>
          <a class="button" href={address(["live"])}>
            Webcam
          </a>
        </div>
        <ErrorMessage>{error}</ErrorMessage>
      </div>
      {!isCompact && <Samples />}
    </section>
  );
}

function Samples() {
  const samples = useRequest(loadSamples, []);
  if (!samples.value?.length) return <ErrorMessage>{samples.error}</ErrorMessage>;
  return (
    <section class="samples" aria-labelledby="samples-title">
      <div class="heading">
        <h2 id="samples-title">Or try a sample</h2>
        <button type="button" class="plain" onClick={() => void navigate(address([SAMPLES]), { album: SAMPLES })}>
          Open all
        </button>
      </div>
      <ul>
        {samples.value.map((sample) => (
          <li key={sample.name}>
            <button type="button" onClick={() => void navigate(address(["sample", sampleId(sample)]), { album: undefined })}>
              <Thumbnail sample={sample} />
              <span>{sample.title}</span>
            </button>
            <small class="muted">
              {sample.credit} · {sample.license}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The thumbnail is fetched because the `src` of an image cannot send the access token. */
function Thumbnail({ sample }: { sample: Sample }) {
  const thumbnail = useRequest(
    async () => URL.createObjectURL(await (await request(sample.thumbnail)).blob()),
    [sample],
  );
  return <img src={thumbnail.value} alt="" width="160" height="120" />;
}

/** Return the error message for files of which none is a picture. */
export function noPictureMessage(files: File[]): string {
  return files.length === 1
    ? `${files[0]!.name} is not a picture.`
    : `None of these ${files.length} files is a picture.`;
}
