// The start, and where an address that names pictures leads: an album, one of its pictures, or a sample.

import { useEffect } from "preact/hooks";

import { AlbumView } from "./album-view.tsx";
import { addAlbum, type Album, findAlbum, restoreAlbum } from "./albums.ts";
import { Chooser } from "./chooser.tsx";
import { ErrorMessage } from "./common.tsx";
import { Detail } from "./detail.tsx";
import { useRequest } from "./hooks.ts";
import { PictureNavigation } from "./picture-navigation.tsx";
import type { Picture } from "./pictures.ts";
import { RetryableError } from "./retryable-error.tsx";
import { address, type Route } from "./router.ts";
import { findSample, loadSamplePicture, loadSamples, sampleId, SAMPLES } from "./samples.ts";
import type { Labels } from "./service.ts";
import { album as texts, picture as pictureTexts } from "./texts.ts";

const VIEWS = ["album", "picture", SAMPLES, "sample"]; // any other address leads to the start

interface PicturesViewProps {
  route: Route;
  labels: Labels;
  error: string;
  onFiles: (files: File[]) => void;
  /** Called with the picture that is displayed. */
  onDisplay: (picture: Picture | undefined) => void;
}

export function PicturesView({ route, labels, error, onFiles, onDisplay }: PicturesViewProps) {
  const { view } = route;
  return (
    <>
      <Chooser onFiles={onFiles} error={error} isCompact={VIEWS.includes(view)} moods={labels.moods} />
      {(view === "album" || view === "picture") && <OwnAlbum {...{ route, labels, onDisplay }} />}
      {view === SAMPLES || (view === "sample" && route.album === SAMPLES) ? (
        <SampleAlbum {...{ route, labels, onDisplay }} />
      ) : (
        view === "sample" && <SampleView key={route.ids[0]} {...{ route, labels, onDisplay }} />
      )}
    </>
  );
}

type PartProps = Pick<PicturesViewProps, "route" | "labels" | "onDisplay">;

function OwnAlbum({ route, labels, onDisplay }: PartProps) {
  const { album: id } = route;
  const restored = useRequest(async () => (id && !findAlbum(id) ? restoreAlbum(id) : undefined), [id]);
  const album = findAlbum(id);
  const open = route.view === "picture" ? album?.pictures[Number(route.ids[0]) - 1] : undefined;
  if (!album && restored.isLoading) return null;
  if (!album || (route.view === "picture" && !open)) return <p role="status">{texts.isClosed}</p>;
  return <AlbumView key={album.id} {...{ album, open, route, labels, onDisplay }} />;
}

function SampleAlbum({ route, labels, onDisplay }: PartProps) {
  const samples = useRequest<Album>(async () => {
    const pictures = await Promise.all((await loadSamples()).map(loadSamplePicture));
    return findAlbum(SAMPLES) ?? addAlbum(pictures, { id: SAMPLES });
  }, []);
  const album = findAlbum(SAMPLES) ?? samples.value;
  const open = route.view === "sample" ? album?.pictures.find(({ sample }) => sample === route.ids[0]) : undefined;
  if (!album) return <RetryableError error={samples.error} onRetry={samples.retry} />;
  if (route.view === "sample" && !open) return <ErrorMessage>{texts.noSuchSample(route.ids[0] ?? "")}</ErrorMessage>;
  return <AlbumView key={album.id} {...{ album, open, route, labels, onDisplay }} />;
}

/** A sample that was opened by itself. */
function SampleView({ route, labels, onDisplay }: PartProps) {
  const id = route.ids[0] ?? "";
  const samples = useRequest(loadSamples, []);
  const picture = useRequest(async () => {
    const sample = findSample(await loadSamples(), id);
    if (!sample) throw new Error(texts.noSuchSample(id));
    return loadSamplePicture(sample);
  }, [id]);
  useEffect(() => onDisplay(picture.value), [picture.value]);
  if (!picture.value) return <RetryableError error={picture.error} onRetry={picture.retry} />;
  const sampleAddress = (name: string) => address(["sample", name]);
  return (
    <>
      <PictureNavigation
        addresses={(samples.value ?? []).map((sample) => sampleAddress(sampleId(sample)))}
        current={sampleAddress(picture.value.sample!)}
        up={address([])}
        upLabel={pictureTexts.start}
      />
      <Detail picture={picture.value} labels={labels} />
    </>
  );
}
