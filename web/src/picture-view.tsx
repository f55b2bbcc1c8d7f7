// A picture with its heat map, on which regions can be painted over.

import { useState } from "preact/hooks";

import type { DisplayableFile } from "./picture-predictions.ts";
import { HeatMapSlider, useOpacity } from "./heat-map.tsx";
import { useObjectUrl } from "./hooks.ts";
import { PaintingCanvas, PaintingTools, type PaintingState } from "./painting-tools.tsx";
import type { Picture } from "./pictures.ts";
import type { Prediction } from "./service.ts";
import { picture as texts } from "./texts.ts";
import type { WhatIfChanges } from "./what-if.ts";

interface PictureViewProps {
  picture: Picture;
  shown: DisplayableFile;
  /** The prediction whose heat map is displayed, if it has one. */
  mapped: Prediction | undefined;
  /** The prediction that changes are compared with, and the one with all changes. */
  baseline: Prediction | undefined;
  current: Prediction | undefined;
  mood: string | undefined;
  painting: PaintingState;
  whatIf: WhatIfChanges;
}

export function PictureView({ picture, shown, mapped, painting, whatIf, ...predictions }: PictureViewProps) {
  const url = useObjectUrl(shown.file);
  const [loaded, setLoaded] = useState<{ url: string; size: [number, number] }>();
  const [failedUrl, setFailedUrl] = useState<string>();
  const size = loaded && loaded.url === url ? loaded.size : undefined;
  const explanation = size && mapped?.explanation;
  const opacity = useOpacity(Boolean(explanation?.map));
  // Limit the height to a part of the window's, and the width to three times the picture's own.
  const width =
    size && `min(100%, calc(var(--picture-height) * ${size[0] / size[1]}), ${3 * size[0]}px)`;
  return (
    <figure class="picture">
      <div class="frame" style={size && { width, aspectRatio: `${size[0]} / ${size[1]}` }}>
        {url && url !== failedUrl ? (
          <img
            class="photo"
            src={url}
            alt={picture.name}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setLoaded({ url, size: [naturalWidth, naturalHeight] })
            }
            onError={() => {
              setFailedUrl(url);
              if (!shown.isPreview) shown.onBroken();
            }}
          />
        ) : (
          <p class="muted no-preview">{shown.isLoading ? texts.loadingPreview : texts.noPreview}</p>
        )}
        {explanation?.map && (
          <img class="heat-map" src={explanation.map} alt="" style={{ opacity: opacity.value / 100 }} />
        )}
        {painting.pixels && painting.isOpen && <PaintingCanvas painting={painting} whatIf={whatIf} pixels={painting.pixels} />}
      </div>
      {explanation?.map && (
        <HeatMapSlider mood={explanation.mood} range={explanation.map_range} opacity={opacity} />
      )}
      {size && <PaintingTools painting={painting} whatIf={whatIf} {...predictions} />}
      <figcaption class="muted">
        {picture.name}
        {picture.credit && <> · {picture.credit}</>}
        {shown.isPreview && shown.file && <> · {texts.isPreview}</>}
      </figcaption>
    </figure>
  );
}
