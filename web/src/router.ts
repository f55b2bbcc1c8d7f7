// The addresses of the views, and the history of the tab.
//
//   #/                           the start
//   #/album?mood=awe&sort=name   several pictures; the parameters filter and sort them
//   #/picture/3                  the third picture of the album
//   #/samples, #/sample/cat      the samples as an album, and one of them: links that work in any browser
//   #/live, #/developers         also #live and #developers, the addresses of earlier versions
//
// How a component uses them:
//
//   const route = useRoute();                        // draws the component again when the address changes
//   route.view; route.ids[0]; route.parameters.get("mood");
//   <a href={address(["picture", 3])}>               // the router handles clicks on links to views
//   void navigate(address(["album"], { sort: "name" }));                  // adds an entry to the history
//   void navigate(address(["picture", 4]), { isReplacing: true });        // changes the current entry
//   void navigateUp(address(["album"]));             // goes back if that was the previous view
//   useQuestionBeforeLeaving(mayLeave);              // asks before another view is opened
//
// A view that is added needs only a new name, and a branch in main.tsx. An entry of the history also records which album
// was open (`route.album`), so that Back returns to it after another one has been chosen.

import { useEffect, useLayoutEffect, useState } from "preact/hooks";

export interface Route {
  /** The first part of the address; empty for the start. */
  view: string;
  /** The other parts of the path, such as the number of a picture. */
  ids: string[];
  parameters: URLSearchParams;
  /** Identifies the album that this entry of the history displays. */
  album: string | undefined;
}

/** What the router stores in `history.state`. */
interface Position {
  index: number;
  album: string | undefined;
  /** The address from which this entry was opened. */
  previous: string | undefined;
}

interface NavigationOptions {
  isReplacing?: boolean;
  /** The album of the new entry; by default that of the current one. */
  album?: string | undefined;
}

/** Decides whether the current view may be left for another one, for instance by asking the user. */
export type LeaveCheck = (to: Route) => boolean | Promise<boolean>;

const SCROLL_KEY = "imagemood-scroll";
const listeners = new Set<() => void>();
const checks = new Set<LeaveCheck>();
let scrolls = new Map<number, number>();
let current: Route;
let position: Position;
let target: number | undefined;

/** Return an address: `address(["picture", 3], { sort: "name" })` is `#/picture/3?sort=name`. */
export function address(path: (string | number)[], parameters: Record<string, string | undefined> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return `#/${path.map((part) => encodeURIComponent(part)).join("/")}${query && `?${query}`}`;
}

/** Parse an address; `#live` is the same as `#/live`. */
export function parseHash(hash: string, album?: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
  const [view = "", ...ids] = path.split("/").filter(Boolean).map(decode);
  return { view, ids, parameters: new URLSearchParams(query), album };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const currentRoute = (): Route => current;

/** Return the current route, and draw the component again when it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const onChange = () => setRoute(current);
    onChange();
    listeners.add(onChange);
    return () => void listeners.delete(onChange);
  }, []);
  return route;
}

/** Ask `check` before another view is opened, as long as the component is displayed. */
export function useQuestionBeforeLeaving(check: LeaveCheck | undefined): void {
  // At once, so that no step through the history comes between two views.
  useLayoutEffect(() => {
    if (!check) return undefined;
    checks.add(check);
    return () => void checks.delete(check);
  }, [check]);
}

/** Return whether another view may be opened; a promise only if a check has to ask. */
function mayLeave(to: Route): boolean | Promise<boolean> {
  for (const check of checks) {
    const answer = check(to);
    if (answer !== true) return answer;
  }
  return true;
}

/** Open an address of this page: at once, unless a check has to ask. Return whether it was opened. */
export function navigate(to: string, options: NavigationOptions = {}): Promise<boolean> {
  const next = parseHash(to, "album" in options ? options.album : position.album);
  const answer = mayLeave(next);
  if (answer === true) open(next, to, options);
  else if (answer) void answer.then((isYes) => isYes && open(next, to, options));
  return Promise.resolve(answer);
}

function open(next: Route, to: string, { isReplacing }: NavigationOptions): void {
  const { album } = next;
  const isSameView = next.view === current.view && next.ids.join() === current.ids.join() && album === current.album;
  scrolls.set(position.index, scrollY);
  if (isReplacing) {
    position = { ...position, album };
    history.replaceState(position, "", to);
  } else {
    position = { index: position.index + 1, album, previous: location.hash };
    history.pushState(position, "", to);
    forgetLaterScrolls();
  }
  show(next, isSameView ? undefined : 0);
}

/** Go back if `to` is the view from which the current one was opened, otherwise open it. */
export function navigateUp(to: string): void {
  const before = position.previous === undefined ? undefined : parseHash(position.previous);
  const up = parseHash(to);
  if (before?.view === up.view && before.ids.join() === up.ids.join()) history.back();
  else void navigate(to);
}

/** Scroll to where this entry of the history was left; a view whose content appears late calls this again. */
export function restoreScroll(): void {
  if (target === undefined) return;
  scrollTo({ top: target, behavior: "instant" });
  if (Math.abs(scrollY - target) < 2) target = undefined; // otherwise the page is not high enough yet
}

function forgetLaterScrolls(): void {
  scrolls = new Map([...scrolls].filter(([index]) => index < position.index));
}

function show(route: Route, scroll: number | undefined): void {
  current = route;
  target = scroll;
  for (const listener of listeners) listener();
}

/** Handle Back, Forward, and an address that was typed. */
async function onPopState(event: PopStateEvent): Promise<void> {
  const isTyped = !isPosition(event.state);
  const next: Position = isPosition(event.state)
    ? event.state
    : { index: position.index + 1, album: position.album, previous: undefined };
  const route = parseHash(location.hash, next.album);
  let answer = mayLeave(route);
  if (answer !== true) {
    // The browser has already changed the address: return to the old one, and repeat the step if the answer is yes.
    const step = next.index - position.index;
    const wanted = location.hash;
    await go(-step);
    answer = await answer;
    if (!answer) return;
    if (isTyped) history.pushState(null, "", wanted);
    else await go(step);
  }
  scrolls.set(position.index, scrollY);
  position = next;
  if (isTyped) {
    history.replaceState(position, "");
    forgetLaterScrolls();
  }
  show(route, scrolls.get(position.index) ?? 0);
}

let isReturning = false;

/** Go to another entry of the history without displaying it. */
function go(step: number): Promise<void> {
  if (!step) return Promise.resolve();
  isReturning = true;
  return new Promise((resolve) => {
    addEventListener("popstate", () => ((isReturning = false), resolve()), { once: true });
    history.go(step);
  });
}

const isPosition = (state: unknown): state is Position =>
  typeof state === "object" && state !== null && typeof (state as Partial<Position>).index === "number";

/** Open links to views without leaving it to the browser, so that a view can ask before it is left. */
function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('a[href^="#"]');
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
  if (!link || isModified || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  void navigate(link.hash || "#/");
}

function start(): void {
  const state: unknown = history.state;
  position = isPosition(state) ? state : { index: 0, album: undefined, previous: undefined };
  history.replaceState(position, "");
  history.scrollRestoration = "manual"; // the browser would scroll before the view is displayed
  try {
    scrolls = new Map(JSON.parse(sessionStorage.getItem(SCROLL_KEY) ?? "[]") as [number, number][]);
  } catch {
    // The positions are lost, which does no harm.
  }
  current = parseHash(location.hash, position.album);
  target = scrolls.get(position.index) ?? 0;
  addEventListener("popstate", (event) => {
    if (!isReturning) void onPopState(event);
  });
  addEventListener("pagehide", () => {
    scrolls.set(position.index, scrollY);
    sessionStorage.setItem(SCROLL_KEY, JSON.stringify([...scrolls]));
  });
  // The user scrolls, and must not be interrupted.
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(type, () => (target = undefined), { passive: true });
  }
  document.addEventListener("click", onClick);
}

start();
