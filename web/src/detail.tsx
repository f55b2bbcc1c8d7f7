// The view of one picture, which is loaded when the first picture is opened, so that the start appears sooner.

import { lazy, Suspense } from "preact/compat";

import type { DetailProps } from "./picture-detail.tsx";

const load = () => import("./picture-detail.tsx");
const PictureDetail = lazy(async () => (await load()).PictureDetail);

/** Load the view, for users who are about to open a picture. */
export const preloadDetail = (): void => void load();

export function Detail(props: DetailProps) {
  return (
    <Suspense fallback={null}>
      <PictureDetail {...props} />
    </Suspense>
  );
}
