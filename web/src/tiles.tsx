// The tiles of an album. Thousands of them are added in steps, and only those in sight are laid out and drawn.

import { memo } from "preact/compat";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { fileName, moodOf, probabilityOf } from "./album-order.ts";
import { MoodFace } from "./moods.tsx";
import { withoutPrefixes } from "./picture-errors.ts";
import type { Picture } from "./pictures.ts";
import type { Entry } from "./predictions.ts";
import { restoreScroll } from "./router.ts";
import { isError } from "./service.ts";
import { moodTitle, percent } from "./texts.ts";

const MANY_TILES = 100; // of fewer tiles, the browser draws all
const TILES_PER_STEP = 60;
const REMOVED_PER_STEP = 300;
const TILES_PER_BLOCK = 20; // compared at once when the tiles are drawn again

interface TilesProps {
  entries: Entry[];
  /** Identifies the order and the selection of the tiles. */
  order: string;
  picked: ReadonlySet<Picture> | undefined;
  onOpen: (picture: Picture) => void;
}

export function Tiles({ entries, order, picked, onOpen }: TilesProps) {
  const displayed = useGradually(entries, order);
  const latestOnOpen = useRef(onOpen);
  latestOnOpen.current = onOpen;
  const open = useCallback((picture: Picture) => latestOnOpen.current(picture), []);
  const blocks = useBlocks(displayed);
  const list = useRef<HTMLUListElement>(null);
  const isLarge = entries.length > MANY_TILES;
  useTileHeight(list, entries.length > 0);
  return (
    <ul class={isLarge ? "tiles many" : "tiles"} ref={list}>
      {blocks.map((block, i) => (
        <Block key={i} entries={block} isLarge={isLarge} picked={picked} onOpen={open} />
      ))}
    </ul>
  );
}

interface Transition {
  order: string;
  /** The tiles when the order changed; they are replaced step by step. */
  before: Entry[];
  nSteps: number;
}

/**
 * Return the tiles to draw: a few more of them in each frame, so that none takes long. In another order, too, the first
 * tiles change at once, and those below in the next frames.
 */
function useGradually(entries: Entry[], order: string): Entry[] {
  const transition = useRef<Transition>({ order, before: [], nSteps: 1 });
  const displayed = useRef<Entry[]>([]);
  const [, draw] = useState(0);
  if (transition.current.order !== order) transition.current = { order, before: displayed.current, nSteps: 1 };
  const { before, nSteps } = transition.current;
  const nCurrent = nSteps * TILES_PER_STEP;
  // Tiles that will only change remain; those beyond the last one are removed.
  const end = Math.max(before.length - (nSteps - 1) * REMOVED_PER_STEP, Math.min(before.length, entries.length));
  const isComplete = nCurrent >= entries.length && nCurrent >= end;
  displayed.current = isComplete ? entries : [...entries.slice(0, nCurrent), ...before.slice(nCurrent, end)];
  useEffect(() => {
    if (isComplete) {
      transition.current.before = []; // releases the entries
      return undefined;
    }
    const frame = requestAnimationFrame(() => {
      transition.current.nSteps++;
      draw((n) => n + 1);
    });
    return () => cancelAnimationFrame(frame);
  });
  useLayoutEffect(restoreScroll, [displayed.current.length]);
  return displayed.current;
}

/** Split entries into blocks. A block whose entries are the same as before remains the same array. */
function useBlocks(entries: Entry[]): Entry[][] {
  const previous = useRef<Entry[][]>([]);
  const blocks: Entry[][] = [];
  for (let start = 0; start < entries.length; start += TILES_PER_BLOCK) {
    const block = entries.slice(start, start + TILES_PER_BLOCK);
    const before = previous.current[blocks.length];
    const isSame = before?.length === block.length && block.every((entry, i) => entry === before[i]);
    blocks.push(isSame ? before : block);
  }
  previous.current = blocks;
  return blocks;
}

/** Set the height of a tile in the style, so that the page does not move when tiles come into sight. */
function useTileHeight(list: { current: HTMLUListElement | null }, hasTiles: boolean): void {
  useEffect(() => {
    const tile = list.current?.firstElementChild;
    if (!tile) return undefined;
    const observer = new ResizeObserver(() => {
      const { height } = tile.getBoundingClientRect();
      if (height) list.current?.style.setProperty("--tile-height", `${height}px`);
    });
    observer.observe(list.current!);
    return () => observer.disconnect();
  }, [hasTiles]);
}

interface BlockProps {
  entries: Entry[];
  isLarge: boolean;
  picked: ReadonlySet<Picture> | undefined;
  onOpen: (picture: Picture) => void;
}

// The many tiles of a large album have no keys: if the order changes, their contents are replaced, which takes less time
// than moving them.
const Block = memo(({ entries, isLarge, picked, onOpen }: BlockProps) => (
  <>
    {entries.map((entry) => (
      <Tile
        key={isLarge ? undefined : entry.picture.id}
        entry={entry}
        isPicked={picked?.has(entry.picture)}
        onOpen={onOpen}
      />
    ))}
  </>
));

interface TileProps {
  entry: Entry;
  isPicked: boolean | undefined;
  onOpen: (picture: Picture) => void;
}

const Tile = memo(({ entry, isPicked, onOpen }: TileProps) => {
  const { picture, thumbnail, result } = entry;
  const mood = moodOf(entry);
  const name = fileName(entry);
  return (
    <li data-mood={mood || undefined}>
      <button
        type="button"
        disabled={!mood}
        aria-pressed={isPicked}
        data-picture={picture.id}
        onClick={() => onOpen(picture)}
      >
        {thumbnail ? (
          <img key={thumbnail} src={thumbnail} alt="" loading="lazy" decoding="async" />
        ) : (
          <span class="placeholder">{thumbnail === "" && (extension(name) ?? "?")}</span>
        )}
        <span class="caption">
          {mood && (
            <>
              <MoodFace mood={mood} size={22} />
              <b>{moodTitle(mood)}</b> {percent(probabilityOf(entry))}
            </>
          )}
          {result && isError(result) && (
            <span class="error" title={withoutPrefixes(result.error.detail)}>
              {withoutPrefixes(result.error.detail)}
            </span>
          )}
        </span>
        <span class="muted file" title={picture.name}>
          {name}
        </span>
      </button>
    </li>
  );
});

/** Return the extension of a file name in capitals; it names the format of a picture without a thumbnail. */
const extension = (name: string): string | undefined => /\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase();
