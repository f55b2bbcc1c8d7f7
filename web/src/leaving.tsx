// Asks before an album is left while its pictures are being classified.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type Album, findAlbum } from "./albums.ts";
import { type Progress, usePredictions } from "./predictions.ts";
import { type Route, useQuestionBeforeLeaving } from "./router.ts";
import { SAMPLES } from "./samples.ts";
import type { Labels } from "./service.ts";
import { pictures as texts } from "./texts.ts";

/** Ask before the browser leaves the page, or the page opens a view that does not belong to the album. */
export function LeaveQuestion({ album, progress }: { album: Album; progress: Progress }) {
  const isLoading = progress.status === "loading";
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = useRef<(mayLeave: boolean) => void>(undefined);
  const [isAsking, setIsAsking] = useState(false);

  const check = useCallback(
    (to: Route): boolean | Promise<boolean> => {
      if (belongsTo(album, to)) return true;
      answer.current?.(false);
      setIsAsking(true);
      return new Promise((resolve) => (answer.current = resolve));
    },
    [album],
  );
  useQuestionBeforeLeaving(isLoading ? check : undefined);

  const respond = (mayLeave: boolean) => {
    if (mayLeave) album.loader.stop();
    answer.current?.(mayLeave);
    answer.current = undefined;
    setIsAsking(false);
  };
  useEffect(() => {
    if (isAsking) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isAsking]);
  useEffect(() => {
    if (!isLoading) {
      if (answer.current) respond(true); // nothing is lost any more
      return undefined;
    }
    const onBeforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", onBeforeUnload);
    return () => removeEventListener("beforeunload", onBeforeUnload);
  }, [isLoading]);

  const nDone = progress.nClassified + progress.nFailed;
  return (
    <dialog
      ref={dialog}
      class="leave"
      aria-labelledby="leave-title"
      onCancel={(event) => (event.preventDefault(), respond(false))}
    >
      <h2 id="leave-title">{texts.leaveTitle}</h2>
      <p>{texts.leave(nDone, progress.entries.length)}</p>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => respond(false)}>
          {texts.leaveCancel}
        </button>
        <button type="button" onClick={() => respond(true)}>
          {texts.leaveConfirm}
        </button>
      </div>
    </dialog>
  );
}

/** Asks before a view is left that compares pictures of an album, while the others are being classified. */
export function LeaveComparison({ route, labels }: { route: Route; labels: Labels }) {
  const album = findAlbum(route.album);
  return album ? <LeaveAlbum key={album.id} album={album} labels={labels} /> : null;
}

function LeaveAlbum({ album, labels }: { album: Album; labels: Labels }) {
  return <LeaveQuestion album={album} progress={usePredictions(album, labels)} />;
}

/** Whether a view displays the pictures of an album, so that its classification goes on. */
function belongsTo(album: Album, { view, album: id }: Route): boolean {
  if (view === SAMPLES || view === "sample") return album.id === SAMPLES;
  return id === album.id && ["album", "picture", "compare"].includes(view);
}
