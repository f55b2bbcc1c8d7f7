// An album, and the picture of it that is open.

import { useEffect, useMemo } from "preact/hooks";

import { useRemoved } from "./album-changes.ts";
import { arrange, type Arrangement, arrangementParameters, parseArrangement } from "./album-order.ts";
import { AlbumSummary } from "./album-summary.tsx";
import type { Album } from "./albums.ts";
import { PickerNotice, useComparisonPicker } from "./comparison-picker.tsx";
import { Detail } from "./detail.tsx";
import { Gallery } from "./gallery.tsx";
import { LeaveQuestion } from "./leaving.tsx";
import { PictureNavigation } from "./picture-navigation.tsx";
import { JSON_TYPE, type Picture } from "./pictures.ts";
import { usePredictions } from "./predictions.ts";
import { address, navigate, type Route } from "./router.ts";
import { SAMPLES } from "./samples.ts";
import type { Labels } from "./service.ts";
import { picture as texts } from "./texts.ts";

interface AlbumViewProps {
  album: Album;
  open: Picture | undefined;
  route: Route;
  labels: Labels;
  /** Called with the picture that is displayed. */
  onDisplay: (picture: Picture | undefined) => void;
}

export function AlbumView({ album, open, route, labels, onDisplay }: AlbumViewProps) {
  const progress = usePredictions(album, labels);
  const removed = useRemoved(album);
  const picker = useComparisonPicker(album);
  const entries = useMemo(
    () => progress.entries.filter(({ picture }) => !removed.has(picture)),
    [progress.entries, removed],
  );
  const arrangement = parseArrangement(route.parameters);
  const hasGallery = album.pictures.length > 1;
  // The content of a picture that the service fetches is not known here.
  useEffect(() => onDisplay(open?.file.type === JSON_TYPE ? undefined : open), [open]);

  const addressOf = (picture: Picture): string => {
    const path = picture.sample ? ["sample", picture.sample] : ["picture", album.pictures.indexOf(picture) + 1];
    return address(path, arrangementParameters(arrangement));
  };
  // The order remains the same while the user goes from picture to picture.
  const addresses = useMemo(() => {
    const moods = labels.moods.map((entry) => entry.mood);
    return open ? arrange(entries, arrangement, moods).map((entry) => addressOf(entry.picture)) : [];
  }, [Boolean(open), album, JSON.stringify(arrangement), removed]);
  const onArrange = (chosen: Arrangement) => void navigate(address(albumPath, arrangementParameters(chosen)));
  const onOpen = (picture: Picture) =>
    picker.picked ? picker.pick(picture) : void navigate(addressOf(picture), { album: album.id });
  const albumPath = album.id === SAMPLES ? [SAMPLES] : ["album"];

  return (
    <>
      <LeaveQuestion album={album} progress={progress} />
      {open && (
        <>
          <PictureNavigation
            addresses={addresses}
            current={addressOf(open)}
            up={hasGallery ? address(albumPath, arrangementParameters(arrangement)) : address([])}
            upLabel={hasGallery ? texts.allPictures : texts.start}
          />
          <Detail key={open.id} picture={open} labels={labels} />
        </>
      )}
      {hasGallery && (
        <Gallery
          {...{ entries, progress }}
          loader={album.loader}
          leftOut={album.leftOut}
          labels={labels}
          arrangement={arrangement}
          onArrange={onArrange}
          isHidden={Boolean(open)}
          onOpen={onOpen}
          picked={picker.picked}
          summary={
            <AlbumSummary
              {...{ entries, labels, arrangement, onOpen }}
              onCompare={picker.start}
              onRegion={(chosen) => onArrange({ ...arrangement, region: chosen })}
            />
          }
        />
      )}
      {hasGallery && !open && <PickerNotice picker={picker} />}
    </>
  );
}
