// One picture, and all that is told of it.

import { useEffect, useRef, useState } from "preact/hooks";

import { Bars } from "./bars.tsx";
import { useAnswer, useObjectUrl } from "./hooks.ts";
import { Face, percent, titled } from "./moods.tsx";
import { Trouble } from "./parts.tsx";
import { type Picture, readyToSend } from "./pictures.ts";
import { Plane } from "./plane.tsx";
import { type Labels, tell, type Told } from "./service.ts";
import { Tags } from "./tags.tsx";

const N_TAGS = 200; // so many drops come with them, which is more than the strongest tags need

interface DetailProps {
  /** It stays the same: another picture is another `Detail`, by its key. */
  picture: Picture;
  labels: Labels;
  onBack: (() => void) | undefined;
}

export function Detail({ picture, labels, onBack }: DetailProps) {
  const [mood, setMood] = useState<string>();
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [top, setTop] = useState(labels.moods.length);
  const [sent] = useState(() => readyToSend(picture.file));
  const section = useRef<HTMLElement>(null);

  useEffect(() => section.current?.focus({ preventScroll: true }), []); // what was pressed to get here is gone

  const told = useAnswer(
    async (signal) => tell(await sent, { tags: N_TAGS, explain: "all", mood }, signal),
    [mood],
  );
  const changed = useAnswer(
    async (signal) => (off.size ? tell(await sent, { without: off }, signal) : undefined),
    [off],
  );

  const now = off.size ? (changed.value ?? told.value) : told.value;
  const first = now && Object.keys(now.moods)[0];
  const switched = (tag: string) => {
    const next = new Set(off);
    if (!next.delete(tag)) next.add(tag);
    setOff(next);
  };

  return (
    <section
      ref={section}
      tabIndex={-1}
      class="detail"
      aria-busy={told.isWaiting}
      aria-label={`The mood of ${picture.name}`}
    >
      <div class="side">
        {onBack && (
          <button type="button" class="plain back" onClick={onBack}>
            ← All pictures
          </button>
        )}
        <Veiled picture={picture} told={told.value} />
      </div>
      <div class="answer">
        <Trouble>{told.error && `${picture.name}: ${told.error}`}</Trouble>
        <Trouble>{changed.error}</Trouble>
        {!now && !told.error && <p class="quiet">Looking …</p>}
        {now && first && told.value && (
          <>
            <Headline mood={first} share={now.moods[first]!} told={now} />
            <div class="heading">
              <h3>All it may evoke</h3>
              <label class="choice">
                Show{" "}
                <select value={top} onChange={(event) => setTop(Number(event.currentTarget.value))}>
                  {[1, 3, 5]
                    .filter((n) => n < labels.moods.length)
                    .map((n) => (
                      <option key={n} value={n}>
                        top {n}
                      </option>
                    ))}
                  <option value={labels.moods.length}>all moods</option>
                </select>
              </label>
            </div>
            <Bars
              moods={labels.moods}
              probabilities={now.moods}
              before={off.size ? told.value.moods : undefined}
              top={top}
              explained={told.value.explanation?.mood}
              onExplain={setMood}
            />
            <p class="quiet">Choose a mood to see what carried it.</p>
            {now.affect && (
              <Plane moods={labels.moods} affect={now.affect} before={off.size ? told.value.affect : undefined} />
            )}
          </>
        )}
      </div>
      {told.value && now && (
        <Tags told={told.value} now={now} off={off} onSwitch={switched} onAll={() => setOff(new Set())} />
      )}
    </section>
  );
}

function Headline({ mood, share, told }: { mood: string; share: number; told: Told }) {
  const second = Object.keys(told.moods)[1];
  return (
    <header class="headline">
      <Face mood={mood} size={64} />
      <div role="status">
        <h2>
          {titled(mood)} <span class="share">{percent(share)}</span>
        </h2>
        <p class="quiet">
          {second && told.moods[second]! > 0.05
            ? `then ${second}, ${percent(told.moods[second]!)}`
            : "hardly anything else"}
        </p>
      </div>
    </header>
  );
}

function Veiled({ picture, told }: { picture: Picture; told: Told | undefined }) {
  const [strength, setStrength] = useState(0);
  const url = useObjectUrl(picture.file);
  const [loaded, setLoaded] = useState<{ url: string; size?: [number, number] }>(); // no size: it cannot be shown
  const size = loaded?.url === url ? loaded?.size : undefined;
  const isShown = !(loaded && loaded.url === url && !size);
  const map = told?.explanation?.map;
  // As wide as there is room, but no higher than most screens, and small pictures not blown up beyond all measure.
  const width = size && `min(100%, ${(62 * size[0]) / size[1]}vh, ${3 * size[0]}px)`;
  return (
    <figure class="veiled">
      <div class="frame" style={size && { width, aspectRatio: `${size[0]} / ${size[1]}` }}>
        {isShown ? (
          <img
            class="photo"
            src={url}
            alt={picture.name}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setLoaded({ url: url!, size: [naturalWidth, naturalHeight] })
            }
            onError={() => setLoaded({ url: url! })}
          />
        ) : (
          <p class="quiet unshown">Your browser cannot show this file.</p>
        )}
        {map && isShown && <img class="veil" src={map} alt="" style={{ opacity: strength / 100 }} />}
      </div>
      {map && (
        <label class="slider">
          <span>Where {told.explanation!.mood} comes from</span>
          <input
            type="range"
            min="0"
            max="100"
            value={strength}
            onInput={(event) => setStrength(Number(event.currentTarget.value))}
          />
        </label>
      )}
      <figcaption class="quiet">
        {picture.name}
        {picture.credit && <> · {picture.credit}</>}
      </figcaption>
    </figure>
  );
}
