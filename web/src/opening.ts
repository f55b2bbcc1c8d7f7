// Opens the files and addresses that users choose, drop or paste: each in the view that displays it.

import { useCallback, useMemo, useState } from "preact/hooks";

import { addAlbum, forgetAlbum, type LeftOut } from "./albums.ts";
import { sortFiles } from "./file-kinds.ts";
import { type Picture, pictureFromAddress, pictureFromFile } from "./pictures.ts";
import { address, currentRoute, navigate } from "./router.ts";
import type { Labels } from "./service.ts";
import { pictures as texts, start } from "./texts.ts";

export interface Opening {
  /** Why nothing was opened, or what was left out. */
  message: string;
  clearMessage: () => void;
  openFiles: (files: File[]) => void;
  openPictures: (pictures: Picture[]) => void;
  openAddress: (address: string) => void;
  /** The video and the message that were opened last. */
  video: File | undefined;
  messageFile: File | undefined;
}

export function useOpening(labels: Labels | undefined): Opening {
  const [message, setMessage] = useState("");
  const [video, setVideo] = useState<File>();
  const [messageFile, setMessageFile] = useState<File>();

  const openPictures = useCallback((pictures: Picture[], leftOut?: LeftOut) => {
    setMessage("");
    const album = addAlbum(pictures, leftOut && { leftOut });
    void navigate(address(pictures.length === 1 ? ["picture", 1] : ["album"]), { album: album.id }).then(
      (isOpen) => !isOpen && forgetAlbum(album.id),
    );
  }, []);

  const openFiles = useCallback(async (files: File[]) => {
    setMessage("");
    const sorted = await sortFiles(files);
    const [firstVideo, ...otherVideos] = sorted.video;
    const nOthers = sorted.message.length + sorted.other.length;
    const canBeMessage = sorted.message.length === 1 || currentRoute().view === "developers";
    if (sorted.picture.length) {
      openPictures(sorted.picture.map(pictureFromFile), { videos: sorted.video.length, others: nOthers });
    } else if (firstVideo) {
      if (!(await navigate(address(["live"])))) return;
      setVideo(firstVideo);
      const nLeftOut = otherVideos.length + nOthers;
      if (nLeftOut) setMessage(texts.openedOneVideo(firstVideo.name, nLeftOut));
    } else if (files.length === 1 && canBeMessage) {
      if (await navigate(address(["developers"]))) setMessageFile(files[0]);
    } else setMessage(files.length ? start.noPictures(files.length, files[0]!.name) : texts.noFiles);
  }, []);

  const acceptsUrls = Boolean(labels?.limits.accepts_urls);
  const openAddress = useCallback(
    async (url: string) => {
      if (url.startsWith("data:")) {
        const file = fileFromData(url);
        if (file) await openFiles([file]);
        else setMessage(texts.invalidDataUrl);
      } else if (acceptsUrls) openPictures([pictureFromAddress(url)]);
      else setMessage(texts.noUrls);
    },
    [acceptsUrls],
  );

  return useMemo(
    () => ({
      message,
      clearMessage: () => setMessage(""),
      openFiles: (files: File[]) => void openFiles(files),
      openPictures: (pictures: Picture[]) => openPictures(pictures),
      openAddress: (url: string) => void openAddress(url),
      video,
      messageFile,
    }),
    [message, video, messageFile, openAddress],
  );
}

/** Return the picture that a data URL contains, or undefined; the policy of the page does not allow fetching it. */
function fileFromData(url: string): File | undefined {
  const [, type = "", isBase64, data = ""] = /^data:([^;,]*)(?:;[^,]*?)??(;base64)?,(.*)$/is.exec(url) ?? [];
  try {
    const content = isBase64 ? atob(decodeURIComponent(data)) : decodeURIComponent(data);
    const bytes = isBase64 ? Uint8Array.from(content, (letter) => letter.charCodeAt(0)) : content;
    return content ? new File([bytes], `pasted.${type.split("/")[1]?.split("+")[0] ?? "picture"}`, { type }) : undefined;
  } catch {
    return undefined;
  }
}
