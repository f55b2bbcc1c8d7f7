// The developer corner: the same cascade as messages on the wire.

import { useMemo, useState } from "preact/hooks";

import { useObjectUrl } from "./hooks.ts";
import { FileButton, save, Trouble } from "./parts.tsx";
import { looksLikePicture, type Picture, pictureOf } from "./pictures.ts";
import { ask, askElsewhere, said } from "./service.ts";
import { decode, type Decoded, decodeRows, encodeImage, encodeRows, type Row } from "./wire.ts";

const PROTOBUF = "application/vnd.google.protobuf";
const METHODS = { mood: "picture to moods", tag: "picture to tags", classify: "tags to moods" } as const;
type Method = keyof typeof METHODS;
const N_SHOWN = 20;
const EXAMPLE_ROWS: Row[] = [
  { image: "0", tag: "lakeside, lakeshore", score: 0.7 },
  { image: "0", tag: "pier", score: 0.2 },
];

/** The address of a method: below the address of a service; an address of a route is taken as it is. */
export function endpoint(service: string, method: Method): URL {
  const url = new URL(service, location.href);
  const base = url.pathname.replace(/\/model\/methods\/(tag|classify|mood)\/?$/, "/");
  if (!base.endsWith("/")) return url;
  url.pathname = `${base}model/methods/${method}`;
  return url;
}

const bytesOf = (bytes: Uint8Array): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: PROTOBUF });

interface Exchange {
  method: Method;
  request: Uint8Array;
  response: Uint8Array;
  url: string;
  ms: number;
}

export default function Developers({ picture }: { picture: Picture | undefined }) {
  const [service, setService] = useState(
    () => new URLSearchParams(location.search).get("url-image") ?? new URL(".", location.href).href,
  );
  const [method, setMethod] = useState<Method>("mood");
  const [given, setGiven] = useState<Picture | undefined>(picture);
  const [tagRows, setTagRows] = useState(EXAMPLE_ROWS);
  const [exchange, setExchange] = useState<Exchange>();
  const [decoded, setDecoded] = useState<{ name: string; message: Decoded }>();
  const [error, setError] = useState("");
  const [dropError, setDropError] = useState("");
  const needsPicture = method !== "classify";

  let url: URL | undefined;
  try {
    url = endpoint(service, method);
  } catch {
    url = undefined;
  }

  const send = async () => {
    setError("");
    setExchange(undefined);
    try {
      if (!url) throw new Error("The service's address is no URL.");
      if (needsPicture && !given) throw new Error("Choose a picture first.");
      const request = needsPicture
        ? encodeImage(given!.file.type, new Uint8Array(await given!.file.arrayBuffer()))
        : encodeRows(tagRows);
      const start = performance.now();
      const answer = await askElsewhere(url, {
        method: "POST",
        headers: { "Content-Type": PROTOBUF, Accept: PROTOBUF },
        body: bytesOf(request),
      });
      const response = new Uint8Array(await answer.arrayBuffer());
      const ms = performance.now() - start;
      const message: Decoded = { kind: "ImageTagSet", rows: decodeRows(response) };
      setExchange({ method, request, response, url: url.href, ms });
      setDecoded({ name: "The response", message });
      if (method === "tag") setTagRows(message.rows);
    } catch (problem) {
      setError(said(problem));
    }
  };

  const open = async ([file]: File[]) => {
    setDropError("");
    try {
      setDecoded({ name: file!.name, message: decode(new Uint8Array(await file!.arrayBuffer())) });
    } catch (problem) {
      setDropError(`${file!.name}: ${said(problem)}`);
    }
  };

  const take = ([file]: File[]) => setGiven(pictureOf(file!.name, file!));
  const dropped = (files: File[]) => {
    if (files[0]) looksLikePicture(files[0]) ? take(files) : void open(files);
  };

  const saveProto = async () => {
    try {
      save(await (await ask("model/artifacts/protobuf")).blob(), "imagemood.proto");
    } catch (problem) {
      setError(said(problem));
    }
  };

  return (
    <section
      class="developers"
      aria-labelledby="developers-title"
      data-drop
      onDrop={(event) => dropped(Array.from(event.dataTransfer?.files ?? []))}
    >
      <h1 id="developers-title">Developers</h1>
      <p class="lead">
        The same answers as protobuf messages, as Acumos services exchange them; from this service, or from any
        other that speaks the same <code>.proto</code>.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label>
          Service
          <input
            type="url"
            required
            value={service}
            onInput={(event) => setService(event.currentTarget.value)}
            spellcheck={false}
          />
        </label>
        <label>
          Method
          <select value={method} onChange={(event) => setMethod(event.currentTarget.value as Method)}>
            {Object.entries(METHODS).map(([name, words]) => (
              <option key={name} value={name}>
                {name}: {words}
              </option>
            ))}
          </select>
        </label>
        <p class="quiet wide">
          {url ? (
            <>
              POST <code>{url.href}</code> ·{" "}
            </>
          ) : null}
          {needsPicture
            ? (given?.name ?? "no picture chosen")
            : `${tagRows.length} tag rows${tagRows === EXAMPLE_ROWS ? ", an example; use the method tag for your own" : ""}`}
        </p>
        <div class="buttons wide">
          <button type="submit" class="main">
            Send
          </button>
          {needsPicture && (
            <FileButton accept="image/*" onFiles={take}>
              Choose a picture
            </FileButton>
          )}
          <button
            type="button"
            disabled={!exchange}
            onClick={() => save(bytesOf(exchange!.request), `${exchange!.method}.request.bin`)}
          >
            Save the request
          </button>
          <button
            type="button"
            disabled={!exchange}
            onClick={() => save(bytesOf(exchange!.response), `${exchange!.method}.response.bin`)}
          >
            Save the response
          </button>
          <button type="button" onClick={() => void saveProto()}>
            Save the .proto
          </button>
        </div>
      </form>
      <Trouble>{error}</Trouble>
      {exchange && (
        <div class="exchange">
          <p role="status">
            {exchange.request.length.toLocaleString("en")} bytes sent,{" "}
            {exchange.response.length.toLocaleString("en")} bytes back, {Math.round(exchange.ms)} ms. The same with
            curl:
          </p>
          <pre
            tabIndex={0}
          >{`curl -H 'Content-Type: ${PROTOBUF}' --data-binary @${exchange.method}.request.bin \\\n  ${exchange.url} -o ${exchange.method}.response.bin`}</pre>
        </div>
      )}
      <div class="drop payload">
        <p>Drop an encoded message here to read it</p>
        <FileButton onFiles={(files) => void open(files)}>Choose a message</FileButton>
        <Trouble>{dropError}</Trouble>
      </div>
      {decoded && <Message {...decoded} />}
    </section>
  );
}

function Message({ name, message }: { name: string; message: Decoded }) {
  const [isWhole, setIsWhole] = useState(false);
  if (message.kind === "Image") return <ImageMessage name={name} {...message} />;
  const { rows } = message;
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {name}: ImageTagSet, {rows.length} rows
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">image</th>
            <th scope="col">tag</th>
            <th scope="col" class="number">
              score
            </th>
          </tr>
        </thead>
        <tbody>
          {(isWhole ? rows : rows.slice(0, N_SHOWN)).map(({ image, tag, score }, i) => (
            <tr key={i}>
              <td>{image}</td>
              <td>{tag}</td>
              <td class="number">{score.toPrecision(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > N_SHOWN && !isWhole && (
        <button type="button" onClick={() => setIsWhole(true)}>
          All {rows.length} rows
        </button>
      )}
    </section>
  );
}

function ImageMessage({ name, mimeType, content }: { name: string; mimeType: string; content: Uint8Array }) {
  const file = useMemo(() => new Blob([content as Uint8Array<ArrayBuffer>], { type: mimeType }), [content]);
  const url = useObjectUrl(file);
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {name}: Image, {mimeType || "no type"}, {content.length.toLocaleString("en")} bytes
      </h2>
      <img src={url} alt="The picture in the message" />
    </section>
  );
}
