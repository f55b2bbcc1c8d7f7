import { render } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { useAlbumUndo } from "./album-changes.ts";
import { ErrorMessage } from "./common.tsx";
import { useDropAndPaste } from "./drop-and-paste.ts";
import { useLabels } from "./labels.ts";
import { LeaveComparison } from "./leaving.tsx";
import { MoodFace } from "./moods.tsx";
import { onDemand } from "./on-demand.tsx";
import { useOpening } from "./opening.ts";
import type { Picture } from "./pictures.ts";
import { PicturesView } from "./pictures-view.tsx";
import { address, navigate, restoreScroll, useRoute } from "./router.ts";
import { addressParameter, isStatic, serviceUrl } from "./service.ts";
import "./style.css";
import "./page.css";
import { common, DIRECTION, LANGUAGE } from "./texts.ts";
import { TokenForm } from "./token-form.tsx";
import { UndoNotice } from "./undo-notice.tsx";
import { useFocusOnNavigation, ViewTitle } from "./view-title.tsx";

// Loaded on demand: few users need these views, and the first one includes the protobuf library.
const Developers = onDemand(async () => (await import("./developers.tsx")).default);
const Comparison = onDemand(async () => (await import("./comparison.tsx")).default);
const Live = onDemand(async () => (await import("./live.tsx")).Live);

const OTHER_VIEWS = ["live", "compare", "developers"];

function App() {
  const route = useRoute();
  const view = OTHER_VIEWS.includes(route.view) ? route.view : "pictures";
  const { labels, error, needsToken, isLoading, load } = useLabels();
  const [displayed, setDisplayed] = useState<Picture>();
  const lastPictures = useRef(address([]));
  if (view === "pictures") lastPictures.current = location.hash || address([]);
  useLayoutEffect(restoreScroll, [route]);
  useFocusOnNavigation(route);
  useAlbumUndo(route);

  const opening = useOpening(labels);
  const { openFiles } = opening;
  const isDragging = useDropAndPaste({ onFiles: openFiles, onAddress: opening.openAddress });

  const links = {
    pictures: view === "pictures" ? address([]) : lastPictures.current,
    live: address(["live"]),
    developers: address(["developers"]),
  };
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => (event.preventDefault(), document.querySelector("main")!.focus())}
      >
        {common.skipToContent}
      </a>
      <header class="top">
        <a class="brand" href={address([])} onClick={opening.clearMessage}>
          <MoodFace mood="amusement" size={28} /> imagemood
        </a>
        <nav aria-label={common.views}>
          {(["pictures", "live", "developers"] as const).map((name) => (
            <a key={name} href={links[name]} aria-current={view === name ? "page" : undefined}>
              {common.viewTitles[name]}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1} class={isDragging ? "dragging" : undefined}>
        <ViewTitle route={route} picture={displayed} isReady={labels !== undefined && !needsToken} />
        {needsToken && <TokenForm error={error} onToken={() => void load()} />}
        {/* The Developers view also works with services that have no labels. */}
        {!needsToken && error && view !== "developers" && (
          <div class="unreachable">
            <ErrorMessage>{error}</ErrorMessage>
            <button type="button" class="primary" disabled={isLoading} onClick={() => void load()}>
              {common.retry}
            </button>
          </div>
        )}
        {labels && view === "pictures" && (
          <PicturesView
            route={route}
            labels={labels}
            error={opening.message}
            onFiles={openFiles}
            onDisplay={setDisplayed}
          />
        )}
        {view !== "pictures" && <ErrorMessage>{opening.message}</ErrorMessage>}
        {labels && view === "live" && (
          <Live labels={labels} onPictures={opening.openPictures} file={opening.video} onFiles={openFiles} />
        )}
        {labels && view === "compare" && (
          <>
            <LeaveComparison route={route} labels={labels} />
            <Comparison route={route} labels={labels} />
          </>
        )}
        {!needsToken && view === "developers" && (
          <Developers picture={displayed} messageFile={opening.messageFile} />
        )}
      </main>
      <footer class="muted">{common.footer(labels?.model.name, isStatic ? serviceUrl.origin : undefined)}</footer>
      <UndoNotice />
    </>
  );
}

// Static files with the base URL of a service show pictures; any other address is that of a method.
const isMethodAddress = addressParameter !== undefined && !(isStatic && addressParameter.endsWith("/"));
if (isMethodAddress && !location.hash) void navigate(address(["developers"]), { isReplacing: true });
document.documentElement.lang = LANGUAGE;
document.documentElement.dir = DIRECTION;
render(<App />, document.getElementById("app")!);
