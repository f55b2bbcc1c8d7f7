// The form for choosing pictures: drop, paste, files, a folder, the webcam, samples.

import { ErrorMessage, FileButton } from "./common.tsx";
import { MoodGuide } from "./mood-guide.tsx";
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
