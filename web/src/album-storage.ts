// Keeps the user's albums in the browser's database, so that they survive when the page is loaded again: browsers do not
// let a page reopen files. Only the reduced pictures and their results are kept, and only until the tab is closed: the
// next start of the page deletes the albums of tabs that no longer exist.

import { createStore, promisifyRequest, setMany } from "idb-keyval";

import type { Entry } from "./album-loader.ts";
import type { Album, LeftOut } from "./albums.ts";

const SAVE_INTERVAL_MS = 200;
const MAX_ALBUM_BYTES = 500_000_000; // a larger album is not kept
const MAX_AGE_MS = 24 * 60 * 60 * 1000; // of albums of other tabs, where locks are not available
const TAB_KEY = "imagemood-tab";
// The files that a browser opens share one database, so pictures do not belong there.
const isAvailable = location.protocol !== "file:";
const store = createStore("imagemood-albums", "pictures");

interface Header {
  tab: string;
  time: number;
  leftOut: LeftOut;
  nPictures: number;
}

export interface Kept {
  index: number;
  name: string;
  upload: Blob;
  /** The thumbnail, or whether the picture itself is displayed as one. */
  thumbnail: Blob | boolean;
  result: Entry["result"];
}

export interface KeptAlbum {
  header: Header;
  pictures: Kept[];
}

const rangeOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

/** Identifies this tab, also after the page has been loaded again. */
function tabId(): string {
  let id = sessionStorage.getItem(TAB_KEY);
  if (!id) {
    id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    sessionStorage.setItem(TAB_KEY, id);
  }
  return id;
}

/** Keep the pictures of an album as soon as they are classified. */
export function keep({ id, leftOut, pictures, loader }: Album): void {
  if (!isAvailable) return;
  let waiting: [IDBValidKey, Header | Kept][] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let bytes = 0;
  const header: Header = { tab: tabId(), time: Date.now(), leftOut, nPictures: pictures.length };
  const save = async () => {
    timer = undefined;
    const saved = waiting;
    waiting = [];
    try {
      await setMany(saved, store);
    } catch {
      giveUp(); // the disk is full, or the browser does not allow storage
    }
  };
  const add = (key: number, value: Header | Kept) => {
    waiting.push([[id, key], value]);
    timer ??= setTimeout(() => void save(), SAVE_INTERVAL_MS);
  };
  const giveUp = () => {
    loader.onFinished = undefined;
    waiting = [];
    void discard(id);
  };
  add(-1, header);
  const addPicture = (index: number, upload: Blob, thumbnail: Blob | boolean, result: Entry["result"]) => {
    bytes += upload.size;
    if (bytes > MAX_ALBUM_BYTES) giveUp();
    else add(index, { index, name: pictures[index]!.name, upload, thumbnail, result });
  };
  if (pictures.length === 1) addPicture(0, pictures[0]!.file, true, undefined);
  loader.onFinished = (index, { upload, thumbnail }, result) =>
    addPicture(index, upload, thumbnail === upload || thumbnail || false, result);
}

/** Delete an album. */
export async function discard(id: string): Promise<void> {
  if (!isAvailable) return;
  try {
    await store("readwrite", (objects) => promisifyRequest(objects.delete(rangeOf(id))));
  } catch {
    // The database is not available, so there is nothing to delete.
  }
}

/** Return an album that was kept, or undefined. */
export async function loadKept(id: string): Promise<KeptAlbum | undefined> {
  if (!isAvailable) return undefined;
  try {
    const [header, ...pictures] = await store("readonly", (objects) =>
      promisifyRequest<unknown[]>(objects.getAll(rangeOf(id))),
    ).then((values) => values as [Header, ...Kept[]]);
    return pictures.length ? { header, pictures } : undefined;
  } catch {
    return undefined;
  }
}

/** Delete the albums of tabs that have been closed. */
async function discardOthers(): Promise<void> {
  const tab = tabId();
  const held = navigator.locks && (await navigator.locks.query()).held;
  const openTabs = held && new Set(held.map(({ name }) => name));
  const keys = await store("readonly", (objects) => promisifyRequest(objects.getAllKeys()));
  for (const [id, index] of keys as [string, number][]) {
    if (index !== -1) continue;
    const header = await store("readonly", (objects) => promisifyRequest(objects.get([id, -1]) as IDBRequest<Header>));
    const isOpen = openTabs ? openTabs.has(lockName(header.tab)) : Date.now() - header.time < MAX_AGE_MS;
    if (header.tab !== tab && !isOpen) await discard(id);
  }
}

const lockName = (tab: string): string => `imagemood-tab-${tab}`;

/** Delete what closed tabs have left, and state that this tab is open. */
export function startStorage(): void {
  if (!isAvailable) return;
  discardOthers().catch(() => undefined);
  const untilClosed = () => new Promise<void>(() => undefined);
  navigator.locks?.request(lockName(tabId()), untilClosed).catch(() => undefined);
}
