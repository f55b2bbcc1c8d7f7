import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

import { useAlbumUndo } from "./album-changes.ts";
import { addAlbum } from "./albums.ts";
import { noPictureMessage, useDropAndPaste } from "./chooser.tsx";
import { ErrorMessage } from "./common.tsx";
import { useLabels } from "./labels.ts";
import { Live } from "./live.tsx";
import { MoodFace } from "./moods.tsx";
import { type Picture, picturesFromFiles } from "./pictures.ts";
import { PicturesView } from "./pictures-view.tsx";
import { address, currentRoute, navigate, restoreScroll, useRoute } from "./router.ts";
import { addressParameter, isStatic, serviceUrl } from "./service.ts";
import "./style.css";
import "./labels.css";
import { common, DIRECTION, LANGUAGE } from "./texts.ts";
import { TokenForm } from "./token-form.tsx";
import { UndoNotice } from "./undo-notice.tsx";
import { useFocusOnNavigation, ViewTitle } from "./view-title.tsx";

// Loaded on demand: few users need these views, and the first one includes the protobuf library.
const Developers = lazy(() => import("./developers.tsx"));

const Comparison = lazy(() => import("./comparison.tsx"));

const OTHER_VIEWS = ["live", "compare", "developers"];
const MESSAGE_NAME = /\.(bin|pb|protobuf)$/i; // files with protobuf messages

function App() {
  const route = useRoute();
  const view = OTHER_VIEWS.includes(route.view) ? route.view : "pictures";
  const { labels, error, needsToken, isLoading, load } = useLabels();
  const [displayed, setDisplayed] = useState<Picture>();
  const [chooserError, setChooserError] = useState("");
  const [messageFile, setMessageFile] = useState<File>();
  const lastPictures = useRef(address([]));
  if (view === "pictures") lastPictures.current = location.hash || address([]);
  useLayoutEffect(restoreScroll, [route]);
  useFocusOnNavigation(route);
  useAlbumUndo(route);

  const showPictures = useCallback((chosen: Picture[]) => {
    setChooserError("");
    const album = addAlbum(chosen);
    void navigate(address(chosen.length === 1 ? ["picture", 1] : ["album"]), { album: album.id });
  }, []);
  const showFiles = useCallback((files: File[]) => {
    const found = picturesFromFiles(files);
    const isMessage = files.length === 1 && MESSAGE_NAME.test(files[0]!.name);
    if (found.length) showPictures(found);
    else if (isMessage || (files.length === 1 && currentRoute().view === "developers")) {
      setMessageFile(files[0]);
      void navigate(address(["developers"]));
    } else setChooserError(noPictureMessage(files));
  }, []);
  const isDragging = useDropAndPaste(showFiles);

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
        <a class="brand" href={address([])} onClick={() => setChooserError("")}>
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
            error={chooserError}
            onFiles={showFiles}
            onDisplay={setDisplayed}
          />
        )}
        {labels && view === "live" && <Live labels={labels} onPictures={showPictures} />}
        {labels && view === "compare" && (
          <Suspense fallback={null}>
            <Comparison route={route} labels={labels} />
          </Suspense>
        )}
        {!needsToken && view === "developers" && (
          <Suspense fallback={null}>
            <Developers picture={displayed} messageFile={messageFile} />
          </Suspense>
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
