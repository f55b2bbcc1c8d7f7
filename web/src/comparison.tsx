// Two pictures side by side: `#/compare/3/7` for pictures of the album, `#/compare/cat/alps` for samples.

import { useEffect, useRef, useState } from "preact/hooks";

import { AffectAxes, plotX, plotY } from "./affect-plot.tsx";
import { addAlbum, type Album, findAlbum } from "./albums.ts";
import { FileButton } from "./common.tsx";
import { useObjectUrl, useRequest } from "./hooks.ts";
import { MoodFace, moodColour, ranked } from "./moods.tsx";
import { aboutPicture } from "./picture-errors.ts";
import { comparisonId } from "./picture-ids.ts";
import { PictureNavigation } from "./picture-navigation.tsx";
import { useDisplayableFile } from "./picture-predictions.ts";
import { type Picture, picturesFromFiles, prepareUpload } from "./pictures.ts";
import { RetryableError } from "./retryable-error.tsx";
import { address, navigate, type Route } from "./router.ts";
import { findSample, loadSamplePicture, loadSamples, sampleId, SAMPLES } from "./samples.ts";
import { type Labels, predict, type Prediction } from "./service.ts";
import { comparison as texts, moodTitle, percent, picture as pictureTexts } from "./texts.ts";
import "./comparison.css";

const shortName = (picture: Picture): string => picture.name.split("/").at(-1)!;

async function findPicture(id: string, album: Album | undefined): Promise<Picture> {
  const own = /^\d+$/.test(id) ? album?.pictures[Number(id) - 1] : undefined;
  const sample = own ? undefined : findSample(await loadSamples(), id);
  const found = own ?? (sample && (await loadSamplePicture(sample)));
  if (!found) throw new Error(texts.noSuchPicture);
  return found;
}

interface Side {
  picture: Picture | undefined;
  prediction: Prediction | undefined;
  error: string;
  retry: () => void;
}

function useSide(id: string | undefined, album: Album | undefined): Side {
  const found = useRequest(async () => (id ? { id, picture: await findPicture(id, album) } : undefined), [id, album?.id]);
  const picture = found.value?.id === id ? found.value?.picture : undefined;
  const predicted = useRequest(
    async (signal) =>
      picture && {
        picture,
        prediction: await aboutPicture(picture.name, async () =>
          predict(await prepareUpload(picture.file), {}, signal),
        ),
      },
    [picture],
  );
  const prediction = predicted.value?.picture === picture ? predicted.value?.prediction : undefined;
  const failed = id && found.error ? found : predicted;
  return { picture, prediction, error: failed.error, retry: failed.retry };
}

export default function Comparison({ route, labels }: { route: Route; labels: Labels }) {
  const album = findAlbum(route.album);
  const [firstId, secondId] = route.ids;
  const sides = [useSide(firstId, album), useSide(secondId, album)];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []); // what opened this view no longer exists

  const choose = (index: number, id: string, inAlbum = album) => {
    const ids = [firstId ?? "", secondId ?? ""];
    ids[index] = id;
    void navigate(address(["compare", ...ids.filter(Boolean)]), { isReplacing: true, album: inAlbum?.id });
  };
  const chooseFile = (index: number, files: File[]) => {
    const [picture] = picturesFromFiles(files);
    if (!picture) return;
    const extended = addAlbum([...(album?.pictures ?? []), picture]);
    choose(index, String(extended.pictures.length), extended);
  };
  const hasAlbum = album && album.pictures.length > 1;
  const up = hasAlbum ? [album.id === SAMPLES ? SAMPLES : "album"] : [];
  const [first, second] = sides.map(({ prediction }) => prediction);
  return (
    <section class="comparison" aria-labelledby="comparison-title">
      <PictureNavigation
        addresses={[]}
        current=""
        up={address(up)}
        upLabel={hasAlbum ? pictureTexts.allPictures : pictureTexts.start}
      />
      <h1 id="comparison-title" ref={heading} tabIndex={-1}>
        {texts.title}
      </h1>
      <div class="sides">
        {sides.map((side, i) => (
          <SideView
            key={i}
            side={side}
            index={i}
            id={i ? secondId : firstId}
            album={album}
            onChoose={(id) => choose(i, id)}
            onFiles={(files) => chooseFile(i, files)}
          />
        ))}
      </div>
      {first && second && <Differences labels={labels} first={first} second={second} />}
    </section>
  );
}

interface SideViewProps {
  side: Side;
  index: number;
  id: string | undefined;
  album: Album | undefined;
  onChoose: (id: string) => void;
  onFiles: (files: File[]) => void;
}

function SideView({ side: { picture, prediction, error, retry }, index, id, album, onChoose, onFiles }: SideViewProps) {
  const samples = useRequest(loadSamples, []);
  const [first] = prediction ? ranked(prediction.moods) : [];
  const own = album?.id === SAMPLES ? [] : (album?.pictures ?? []);
  return (
    <figure class="side-view" aria-label={texts.sides[index]} aria-busy={Boolean(picture && !prediction && !error)}>
      <div class="choose">
        <select
          aria-label={texts.sides[index]}
          value={id ?? ""}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {!id && <option value="">{texts.choose}</option>}
          {own.map((entry, i) => {
            const value = comparisonId(entry, album);
            return (
              <option key={`${i}`} value={value}>
                {shortName(entry)}
              </option>
            );
          })}
          <optgroup label={texts.samples}>
            {samples.value?.map((sample) => (
              <option key={sample.name} value={sampleId(sample)}>
                {sample.title}
              </option>
            ))}
          </optgroup>
        </select>
        <FileButton accept="image/*" onFiles={onFiles}>
          {texts.chooseFile}
        </FileButton>
      </div>
      <RetryableError error={error} onRetry={retry} />
      {picture ? (
        <a class="photo-link" href={address(picture.sample ? ["sample", picture.sample] : ["picture", id ?? ""])}>
          <Photo key={picture.id} picture={picture} />
        </a>
      ) : (
        !error && <p class="empty muted">{id ? texts.loading : texts.chooseHint}</p>
      )}
      {picture && (
        <figcaption>
          {first ? (
            <p class="headline">
              <MoodFace mood={first[0]} size={44} />
              <span>
                <b>{moodTitle(first[0])}</b> <span class="probability">{percent(first[1])}</span>
              </span>
            </p>
          ) : (
            !error && <p class="muted">{texts.loading}</p>
          )}
          <p class="muted file">
            <bdi>{shortName(picture)}</bdi>
          </p>
        </figcaption>
      )}
    </figure>
  );
}

/** The picture, or a preview of it if the browser cannot display it. */
function Photo({ picture }: { picture: Picture }) {
  const [upload] = useState(() => prepareUpload(picture.file));
  const shown = useDisplayableFile(picture, upload);
  const url = useObjectUrl(shown.file);
  const label = texts.open(shortName(picture));
  return url ? (
    <img src={url} alt={label} onError={() => !shown.isPreview && shown.onBroken()} />
  ) : (
    <span class="muted">{shown.isLoading ? texts.loading : label}</span>
  );
}

interface DifferencesProps {
  labels: Labels;
  first: Prediction;
  second: Prediction;
}

function Differences({ labels, first, second }: DifferencesProps) {
  const [mood1, mood2] = [first, second].map(({ moods }) => ranked(moods)[0]![0]) as [string, string];
  const points = [first.affect, second.affect].filter((affect) => affect !== null && affect !== undefined);
  return (
    <div class="differences">
      <div>
        <p class="verdict" role="status">
          {mood1 === mood2 ? texts.sameMood(mood1) : texts.differentMoods(mood1, mood2)}
        </p>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.mood}</th>
              <td aria-hidden="true" />
              <th scope="col" class="number">
                <abbr title={texts.sides[0]}>1</abbr>
              </th>
              <th scope="col" class="number">
                <abbr title={texts.sides[1]}>2</abbr>
              </th>
              <th scope="col" class="number">
                {texts.difference}
              </th>
            </tr>
          </thead>
          <tbody>
            {labels.moods.map(({ mood }) => (
              <MoodRow key={mood} mood={mood} values={[first.moods[mood] ?? 0, second.moods[mood] ?? 0]} />
            ))}
          </tbody>
        </table>
        <p class="muted">{texts.differenceHelp}</p>
      </div>
      {points.length === 2 && (
        <figure class="affect">
          <AffectAxes moods={labels.moods} label={texts.plotLabel(points)}>
            {points.map(({ valence, arousal }, i) => (
              <g key={i} class={`marker marker-${i + 1}`} transform={`translate(${plotX(valence)} ${plotY(arousal)})`}>
                {i ? <rect x="-9" y="-9" width="18" height="18" rx="3" /> : <circle r="10" />}
                <text y="4.5" text-anchor="middle">
                  {i + 1}
                </text>
              </g>
            ))}
          </AffectAxes>
          <figcaption class="muted">{texts.affect}</figcaption>
        </figure>
      )}
    </div>
  );
}

function MoodRow({ mood, values }: { mood: string; values: [number, number] }) {
  // Of the rounded percentages, so that the numbers in a row agree.
  const [first, second] = values.map((value) => Math.round(100 * value)) as [number, number];
  return (
    <tr data-mood={mood}>
      <th scope="row">
        <span class="mood">
          <MoodFace mood={mood} /> {moodTitle(mood)}
        </span>
      </th>
      <td class="paired" aria-hidden="true">
        {values.map((value, i) => (
          <span key={i} class="pair-track">
            <span
              class={i ? "pair-fill second" : "pair-fill"}
              style={{ inlineSize: `${100 * value}%`, backgroundColor: moodColour(mood) }}
            />
          </span>
        ))}
      </td>
      <td class="number">{percent(values[0])}</td>
      <td class="number">{percent(values[1])}</td>
      <td class="number">{texts.percentagePoints(second - first)}</td>
    </tr>
  );
}
