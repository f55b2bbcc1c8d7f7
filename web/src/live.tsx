// The view of the webcam and of video files.

import { useEffect, useState } from "preact/hooks";

import { ErrorMessage, FileButton } from "./common.tsx";
import type { Picture } from "./pictures.ts";
import type { Labels } from "./service.ts";
import { video as texts } from "./texts.ts";
import { VideoPlayer } from "./video-player.tsx";
import { useWebcam } from "./webcam.ts";

interface LiveProps {
  labels: Labels;
  onPictures: (pictures: Picture[]) => void;
  /** A video that was chosen or dropped elsewhere on the page. */
  file?: File | undefined;
  /** Called with files that are not videos. */
  onFiles?: (files: File[]) => void;
}

const closedFiles = new WeakSet<File>(); // which are not opened again when the view is

export function Live({ labels, onPictures, file: given, onFiles }: LiveProps) {
  const [file, setFile] = useState<File | undefined>(given && !closedFiles.has(given) ? given : undefined);
  const webcam = useWebcam();
  useEffect(() => {
    if (!given || closedFiles.has(given)) return;
    webcam.stop();
    setFile(given);
  }, [given]);

  const openFiles = (files: File[]) => {
    if (onFiles) onFiles(files); // gives the video back as `file`
    else if (files[0]) {
      webcam.stop();
      setFile(files[0]);
    }
  };
  const close = () => {
    webcam.stop();
    if (file) closedFiles.add(file);
    setFile(undefined);
  };
  const isWebcamOn = webcam.stream !== undefined || webcam.isLost;
  return (
    <section class="live" aria-labelledby="live-title">
      <h1 id="live-title">{texts.title}</h1>
      <p class="lead">{texts.lead}</p>
      {file || isWebcamOn ? (
        <VideoPlayer
          key={file ?? "webcam"}
          source={file ?? webcam.stream}
          isLost={!file && webcam.isLost}
          labels={labels}
          onPictures={onPictures}
          onClose={close}
        />
      ) : (
        <div class="buttons">
          <button type="button" class="primary" onClick={webcam.start}>
            {texts.startWebcam}
          </button>
          <FileButton accept="video/*" onFiles={openFiles}>
            {texts.chooseVideo}
          </FileButton>
        </div>
      )}
      <ErrorMessage>{!file && webcam.error}</ErrorMessage>
    </section>
  );
}
