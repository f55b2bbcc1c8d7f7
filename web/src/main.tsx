import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useCallback, useEffect, useState } from "preact/hooks";

import { Chooser, noPictureMessage, useDropAndPaste } from "./chooser.tsx";
import { ErrorMessage } from "./common.tsx";
import { Detail } from "./detail.tsx";
import { Gallery } from "./gallery.tsx";
import { Live } from "./live.tsx";
import { MoodFace } from "./moods.tsx";
import { type Picture, picturesFromFiles } from "./pictures.ts";
import { usePredictions } from "./predictions.ts";
import {
  addressParameter,
  errorMessage,
  fetchLabels,
  isStatic,
  type Labels,
  ServiceError,
  serviceUrl,
  token,
} from "./service.ts";
import "./style.css";
import { common, DIRECTION, LANGUAGE } from "./texts.ts";
import { UndoNotice } from "./undo-notice.tsx";

// Loaded on demand: few users need it, and it includes the protobuf library.
const Developers = lazy(() => import("./developers.tsx"));

const VIEWS = { "": "Pictures", live: "Live", developers: "Developers" } as const;
type View = keyof typeof VIEWS;
const MESSAGE_NAME = /\.(bin|pb|protobuf)$/i; // files with protobuf messages

function useView(): View {
  const current = () => {
    const name = location.hash.slice(1);
    return (name in VIEWS ? name : "") as View;
  };
  const [view, setView] = useState(current);
  useEffect(() => {
    const onChange = () => setView(current());
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return view;
}

/** Load the service's labels, which the page needs first, and find out whether it requires a token. */
function useLabels() {
  const [labels, setLabels] = useState<Labels>();
  const [error, setError] = useState("");
  const [needsToken, setNeedsToken] = useState(false);
  const load = useCallback(async () => {
    try {
      setLabels(await fetchLabels());
      setNeedsToken(false);
      setError("");
    } catch (problem) {
      const isUnauthorized = problem instanceof ServiceError && problem.status === 401;
      setNeedsToken(isUnauthorized);
      setError(isUnauthorized ? token.get() && "The service rejected this token." : errorMessage(problem));
    }
  }, []);
  useEffect(() => void load(), []);
  return { labels, error, needsToken, load };
}

function App() {
  const view = useView();
  const { labels, error, needsToken, load } = useLabels();
  const [pictures, setPictures] = useState<Picture[]>([]);
  const [open, setOpen] = useState<Picture>();
  const [chooserError, setChooserError] = useState("");
  const [messageFile, setMessageFile] = useState<File>();
  const predictions = usePredictions(pictures, labels);

  const showPictures = useCallback((chosen: Picture[]) => {
    setChooserError("");
    setPictures(chosen);
    setOpen(chosen.length === 1 ? chosen[0] : undefined);
    if (location.hash) location.hash = "";
    scrollTo({ top: 0 });
  }, []);
  const openPicture = (picture: Picture) => {
    setOpen(picture);
    scrollTo({ top: 0 });
  };
  const showFiles = useCallback((files: File[]) => {
    const found = picturesFromFiles(files);
    if (found.length) showPictures(found);
    else if (files.length === 1 && (view === "developers" || MESSAGE_NAME.test(files[0]!.name))) {
      setMessageFile(files[0]);
      location.hash = "developers";
    } else setChooserError(noPictureMessage(files));
  }, [view]);
  const isDragging = useDropAndPaste(showFiles);

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
        <a class="brand" href="#" onClick={() => (setPictures([]), setOpen(undefined), setChooserError(""))}>
          <MoodFace mood="amusement" size={28} /> imagemood
        </a>
        <nav aria-label="Views">
          {Object.entries(VIEWS).map(([name, title]) => (
            <a key={name} href={`#${name}`} aria-current={view === name ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main tabIndex={-1} class={isDragging ? "dragging" : undefined}>
        {needsToken ? (
          <TokenForm error={error} onToken={() => void load()} />
        ) : (
          // The Developers view also works with services that have no labels.
          <ErrorMessage>{view === "developers" ? "" : error}</ErrorMessage>
        )}
        {labels && view === "" && (
          <>
            <Chooser
              onPictures={showPictures}
              onFiles={showFiles}
              error={chooserError}
              isCompact={pictures.length > 0}
              moods={labels.moods}
            />
            {open && (
              <Detail
                key={open.id}
                picture={open}
                labels={labels}
                onBack={pictures.length > 1 ? () => setOpen(undefined) : undefined}
              />
            )}
            {pictures.length > 1 && (
              <Gallery key={pictures[0]!.id} {...predictions} labels={labels} isHidden={Boolean(open)} onOpen={openPicture} />
            )}
          </>
        )}
        {labels && view === "live" && <Live labels={labels} onPictures={showPictures} />}
        {!needsToken && view === "developers" && (
          <Suspense fallback={null}>
            <Developers picture={open} messageFile={messageFile} />
          </Suspense>
        )}
      </main>
      <footer class="muted">
        {labels && <>Model: {labels.model.name}. </>}
        Pictures are sent only to {isStatic ? serviceUrl.origin : "this service"} and are not stored. Moods reflect what most people reported for
        similar pictures; your impression may differ.
      </footer>
      <UndoNotice />
    </>
  );
}

function TokenForm({ error, onToken }: { error: string; onToken: () => void }) {
  const [value, setValue] = useState("");
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        token.set(value.trim());
        onToken();
      }}
    >
      <label>
        This service requires an access token
        <input
          type="password"
          required
          autocomplete="off"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
      </label>
      <ErrorMessage>{error}</ErrorMessage>
      <button type="submit" class="primary">
        Continue
      </button>
      <p class="muted">The token is kept until you close this tab.</p>
    </form>
  );
}

// Static files with the base URL of a service show pictures; any other address is that of a method.
const isMethodAddress = addressParameter !== undefined && !(isStatic && addressParameter.endsWith("/"));
if (isMethodAddress && !location.hash) location.hash = "developers";
document.documentElement.lang = LANGUAGE;
document.documentElement.dir = DIRECTION;
render(<App />, document.getElementById("app")!);
