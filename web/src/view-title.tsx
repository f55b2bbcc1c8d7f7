import { useEffect, useRef } from "preact/hooks";

import type { Picture } from "./pictures.ts";
import type { Route } from "./router.ts";
import { common as texts } from "./texts.ts";

const VIEWS_WITH_HEADING = ["", "live", "compare", "developers"];

interface ViewTitleProps {
  route: Route;
  /** The picture that the view displays, if it displays one. */
  picture: Picture | undefined;
  /** Whether the view is displayed, instead of an error or the form for the token. */
  isReady: boolean;
}

/** The main heading of views that do not display one, for screen readers, and the title of the window. */
export function ViewTitle({ route, picture, isReady }: ViewTitleProps) {
  const { view } = route;
  const title = (view === "picture" || view === "sample") && picture ? picture.name : texts.titles[view];
  useEffect(() => {
    document.title = view && title ? `${title} · ${texts.name}` : texts.windowTitle;
  }, [view, title]);
  const hasHeading = (isReady || view === "developers") && VIEWS_WITH_HEADING.includes(view);
  return hasHeading ? null : <h1 class="visually-hidden">{title ?? texts.name}</h1>;
}

/**
 * Move the focus to the content when another view is opened, unless that view has moved it already. After Back and
 * Forward, views restore the scroll position, which the focus would change.
 */
export function useFocusOnNavigation({ view, ids }: Route): void {
  const address = [view, ...ids].join("/");
  const last = useRef(address);
  const isTraversal = useRef(false);
  useEffect(() => {
    const onTraversal = () => (isTraversal.current = true);
    addEventListener("popstate", onTraversal);
    return () => removeEventListener("popstate", onTraversal);
  }, []);
  useEffect(() => {
    const mayMove = last.current !== address && !isTraversal.current;
    last.current = address;
    isTraversal.current = false;
    const main = document.querySelector("main")!;
    if (mayMove && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
  }, [address]);
}
