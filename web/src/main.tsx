import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useCallback, useEffect, useState } from "preact/hooks";

import { useAlbum } from "./album.ts";
import { Chooser, notPictures, useDropAndPaste } from "./chooser.tsx";
import { Detail } from "./detail.tsx";
import { Gallery } from "./gallery.tsx";
import { Live } from "./live.tsx";
import { Face } from "./moods.tsx";
import { Trouble } from "./parts.tsx";
import { fromFiles, type Picture } from "./pictures.ts";
import { type Labels, labels as askLabels, said, ServiceError, token } from "./service.ts";
import "./style.css";

// Few need it, and the protobuf library comes with it.
const Developers = lazy(() => import("./developers.tsx"));

const VIEWS = { "": "Pictures", live: "Live", developers: "Developers" } as const;
type View = keyof typeof VIEWS;

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

function App() {
  const view = useView();
  const [labels, setLabels] = useState<Labels>();
  const [error, setError] = useState("");
  const [needsToken, setNeedsToken] = useState(false);
  const [pictures, setPictures] = useState<Picture[]>([]);
  const [open, setOpen] = useState<Picture>();
  const [trouble, setTrouble] = useState("");
  const album = useAlbum(pictures, labels);

  const load = useCallback(async () => {
    try {
      setLabels(await askLabels());
      setNeedsToken(false);
      setError("");
    } catch (problem) {
      const isToken = problem instanceof ServiceError && problem.status === 401;
      setNeedsToken(isToken);
      setError(isToken ? token.get() && "The service does not know this token." : said(problem));
    }
  }, []);
  useEffect(() => void load(), []);

  const show = useCallback((given: Picture[]) => {
    setTrouble("");
    setPictures(given);
    setOpen(given.length === 1 ? given[0] : undefined);
    if (location.hash) location.hash = "";
    scrollTo({ top: 0 });
  }, []);
  const look = (picture: Picture) => {
    setOpen(picture);
    scrollTo({ top: 0 });
  };
  const take = useCallback((files: File[]) => {
    const found = fromFiles(files);
    if (found.length) show(found);
    else setTrouble(notPictures(files));
  }, []);
  const isOver = useDropAndPaste(take);

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => (event.preventDefault(), document.querySelector("main")!.focus())}
      >
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="#" onClick={() => (setPictures([]), setOpen(undefined), setTrouble(""))}>
          <Face mood="amusement" size={28} /> imagemood
        </a>
        <nav aria-label="Views">
          {Object.entries(VIEWS).map(([name, words]) => (
            <a key={name} href={`#${name}`} aria-current={view === name ? "page" : undefined}>
              {words}
            </a>
          ))}
        </nav>
      </header>
      <main tabIndex={-1} class={isOver ? "over" : undefined}>
        {needsToken ? <TokenForm error={error} onToken={() => void load()} /> : <Trouble>{error}</Trouble>}
        {labels && view === "" && (
          <>
            <Chooser
              onPictures={show}
              onFiles={take}
              trouble={trouble}
              isSmall={pictures.length > 0}
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
              <Gallery key={pictures[0]!.id} {...album} labels={labels} isHidden={Boolean(open)} onOpen={look} />
            )}
          </>
        )}
        {labels && view === "live" && <Live labels={labels} onPictures={show} />}
        {labels && view === "developers" && (
          <Suspense fallback={null}>
            <Developers picture={open} />
          </Suspense>
        )}
      </main>
      <footer class="quiet">
        {labels && <>Model: {labels.model.name}. </>}
        Pictures go to this service and nowhere else, and are not kept. Moods are those that most people named for
        similar pictures; others may feel otherwise.
      </footer>
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
        This service asks for a token
        <input
          type="password"
          required
          autocomplete="off"
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
      </label>
      <Trouble>{error}</Trouble>
      <button type="submit" class="main">
        Go on
      </button>
      <p class="quiet">It is kept until this tab is closed.</p>
    </form>
  );
}

if (new URLSearchParams(location.search).has("url-image") && !location.hash) location.hash = "developers";
render(<App />, document.getElementById("app")!);
