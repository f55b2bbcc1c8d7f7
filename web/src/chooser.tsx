// The ways to give pictures: drop, paste, browse, a folder, the webcam, samples.

import { useEffect, useState } from "preact/hooks";

import { useAnswer } from "./hooks.ts";
import { Face, titled } from "./moods.tsx";
import { FileButton, Trouble } from "./parts.tsx";
import { fromDrop, fromFiles, type Picture, pictureOf } from "./pictures.ts";
import { ask, type Mood, type Sample, samples, said } from "./service.ts";

interface ChooserProps {
  onPictures: (pictures: Picture[]) => void;
  onFiles: (files: File[]) => void;
  trouble: string;
  isSmall: boolean;
  moods: Mood[];
}

/** What may be dropped or pasted anywhere on the page becomes pictures; anything else is said. */
export function useDropAndPaste(onFiles: (files: File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const isForUs = (event: DragEvent) =>
      !(event.target as Element).closest?.("[data-drop]") && event.dataTransfer?.types.includes("Files");
    const onOver = (event: DragEvent) => {
      event.preventDefault(); // or the browser would leave the page and open the file
      setIsOver(Boolean(isForUs(event)));
    };
    const onLeave = (event: DragEvent) => {
      if (!event.relatedTarget) setIsOver(false);
    };
    const onDrop = (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      if (isForUs(event) && event.dataTransfer) void fromDrop(event.dataTransfer).then(onFiles);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      if (files.length) onFiles(files);
    };
    document.addEventListener("dragover", onOver);
    document.addEventListener("dragleave", onLeave);
    document.addEventListener("drop", onDrop);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("dragover", onOver);
      document.removeEventListener("dragleave", onLeave);
      document.removeEventListener("drop", onDrop);
      document.removeEventListener("paste", onPaste);
    };
  }, [onFiles]);
  return isOver;
}

export function Chooser({ onPictures, onFiles, trouble, isSmall, moods }: ChooserProps) {
  return (
    <section class={isSmall ? "chooser small" : "chooser"} aria-label="Choose pictures">
      {!isSmall && (
        <>
          <h1>What mood does a picture evoke?</h1>
          <p class="lead">
            Give a picture, and see which of these moods it stirs, how strongly, and what in it does.
          </p>
          <ul class="cast">
            {moods.map(({ mood }) => (
              <li key={mood}>
                <Face mood={mood} size={40} />
                {titled(mood)}
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="drop">
        {!isSmall && <p>Drop pictures here, or paste one</p>}
        <div class="buttons">
          <FileButton accept="image/*" isMain onFiles={onFiles}>
            {isSmall ? "Another picture" : "Choose pictures"}
          </FileButton>
          <FileButton isFolder onFiles={onFiles}>
            A folder
          </FileButton>
          <a class="button" href="#live">
            Webcam
          </a>
        </div>
        <Trouble>{trouble}</Trouble>
      </div>
      {!isSmall && <Samples onPictures={onPictures} />}
    </section>
  );
}

function Samples({ onPictures }: { onPictures: (pictures: Picture[]) => void }) {
  const found = useAnswer(samples, []);
  const [error, setError] = useState("");
  const open = async (chosen: Sample[]) => {
    try {
      onPictures(await Promise.all(chosen.map(picture)));
    } catch (problem) {
      setError(said(problem));
    }
  };
  if (!found.value?.length) return <Trouble>{found.error}</Trouble>;
  return (
    <section class="samples" aria-labelledby="samples-title">
      <div class="heading">
        <h2 id="samples-title">Or try one of these</h2>
        <button type="button" class="plain" onClick={() => void open(found.value!)}>
          All as a gallery
        </button>
      </div>
      <ul>
        {found.value.map((sample) => (
          <li key={sample.name}>
            <button type="button" onClick={() => void open([sample])}>
              <Thumbnail sample={sample} />
              <span>{sample.title}</span>
            </button>
            <small class="quiet">
              {sample.credit} · {sample.license}
            </small>
          </li>
        ))}
      </ul>
      <Trouble>{error}</Trouble>
    </section>
  );
}

async function picture(sample: Sample): Promise<Picture> {
  const file = await (await ask(sample.url)).blob();
  return pictureOf(sample.title, file, `${sample.credit}, ${sample.license}`);
}

/** Fetched, not linked: a service may ask for its token, which links cannot carry. */
function Thumbnail({ sample }: { sample: Sample }) {
  const thumbnail = useAnswer(
    async () => URL.createObjectURL(await (await ask(sample.thumbnail)).blob()),
    [sample],
  );
  return <img src={thumbnail.value} alt="" width="160" height="120" />;
}

export function notPictures(files: File[]): string {
  if (fromFiles(files).length) return "";
  return files.length === 1
    ? `${files[0]!.name} is no picture.`
    : `There is no picture among these ${files.length} files.`;
}
