// An album, and the picture of it that is open.

import { useEffect, useMemo } from "preact/hooks";

import { arrange, arrangementParameters, parseArrangement } from "./album-order.ts";
import type { Album } from "./albums.ts";
import { Detail } from "./detail.tsx";
import { Gallery } from "./gallery.tsx";
import { PictureNavigation } from "./picture-navigation.tsx";
import type { Picture } from "./pictures.ts";
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
  const predictions = usePredictions(album.pictures, labels);
  const arrangement = parseArrangement(route.parameters);
  const { mood, sort } = arrangement;
  const hasGallery = album.pictures.length > 1;
  useEffect(() => onDisplay(open), [open]);

  const addressOf = (picture: Picture): string => {
    const path = picture.sample ? ["sample", picture.sample] : ["picture", album.pictures.indexOf(picture) + 1];
    return address(path, arrangementParameters(arrangement));
  };
  // The order remains the same while the user goes from picture to picture.
  const addresses = useMemo(() => {
    const moods = labels.moods.map((entry) => entry.mood);
    return open ? arrange(predictions.entries, arrangement, moods).map((entry) => addressOf(entry.picture)) : [];
  }, [Boolean(open), album, mood, sort]);
  const albumPath = album.id === SAMPLES ? [SAMPLES] : ["album"];

  return (
    <>
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
          {...predictions}
          labels={labels}
          arrangement={arrangement}
          onArrange={(chosen) => void navigate(address(albumPath, arrangementParameters(chosen)))}
          isHidden={Boolean(open)}
          onOpen={(picture) => void navigate(addressOf(picture), { album: album.id })}
        />
      )}
    </>
  );
}
