// The developer view: requests and responses as protobuf messages.

import { useMemo, useState } from "preact/hooks";

import { download, ErrorMessage, FileButton } from "./common.tsx";
import { useObjectUrl } from "./hooks.ts";
import { createPicture, isPictureFile, type Picture } from "./pictures.ts";
import { decode, decodeRows, encodeImage, encodeRows, type Message, type TagRow } from "./protobuf.ts";
import { errorMessage, request, requestFrom } from "./service.ts";

const MEDIA_TYPE = "application/vnd.google.protobuf";
const METHODS = { mood: "picture to moods", tag: "picture to tags", classify: "tags to moods" } as const;
type Method = keyof typeof METHODS;
const N_ROWS = 20;
const EXAMPLE_ROWS: TagRow[] = [
  { image: "0", tag: "lakeside, lakeshore", score: 0.7 },
  { image: "0", tag: "pier", score: 0.2 },
];

/**
 * Return the URL of a method of the service at `service`, or undefined if that is not a valid URL. A URL without a
 * trailing slash is used unchanged.
 */
function methodUrl(service: string, method: Method): URL | undefined {
  if (!URL.canParse(service, location.href)) return undefined;
  const url = new URL(service, location.href);
  const base = url.pathname.replace(/\/model\/methods\/(tag|classify|mood)\/?$/, "/");
  if (!base.endsWith("/")) return url;
  url.pathname = `${base}model/methods/${method}`;
  return url;
}

const toBlob = (bytes: Uint8Array): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: MEDIA_TYPE });

interface Exchange {
  method: Method;
  request: Uint8Array;
  response: Uint8Array;
  url: string;
  ms: number;
}

async function callMethod(url: URL, method: Method, body: Uint8Array): Promise<Exchange> {
  const start = performance.now();
  const response = await requestFrom(url, {
    method: "POST",
    headers: { "Content-Type": MEDIA_TYPE, Accept: MEDIA_TYPE },
    body: toBlob(body),
  });
  const content = new Uint8Array(await response.arrayBuffer());
  return { method, request: body, response: content, url: url.href, ms: performance.now() - start };
}

export default function Developers({ picture }: { picture: Picture | undefined }) {
  const [service, setService] = useState(
    () => new URLSearchParams(location.search).get("url-image") ?? new URL(".", location.href).href,
  );
  const [method, setMethod] = useState<Method>("mood");
  const [chosen, setChosen] = useState<Picture | undefined>(picture);
  const [tagRows, setTagRows] = useState(EXAMPLE_ROWS);
  const [exchange, setExchange] = useState<Exchange>();
  const [message, setMessage] = useState<{ name: string; content: Message }>();
  const [error, setError] = useState("");
  const [dropError, setDropError] = useState("");
  const needsPicture = method !== "classify";

  const url = methodUrl(service, method);

  const send = async () => {
    setError("");
    setExchange(undefined);
    try {
      if (!url) throw new Error("The service address is not a valid URL.");
      if (needsPicture && !chosen) throw new Error("Choose a picture first.");
      const body = needsPicture
        ? encodeImage(chosen!.file.type, new Uint8Array(await chosen!.file.arrayBuffer()))
        : encodeRows(tagRows);
      const completed = await callMethod(url, method, body);
      const rows = decodeRows(completed.response);
      setExchange(completed);
      setMessage({ name: "Response", content: { kind: "ImageTagSet", rows } });
      if (method === "tag") setTagRows(rows);
    } catch (problem) {
      setError(errorMessage(problem));
    }
  };

  const openMessage = async ([file]: File[]) => {
    setDropError("");
    try {
      setMessage({ name: file!.name, content: decode(new Uint8Array(await file!.arrayBuffer())) });
    } catch (problem) {
      setDropError(`${file!.name}: ${errorMessage(problem)}`);
    }
  };

  const choosePicture = ([file]: File[]) => setChosen(createPicture(file!.name, file!));
  const onDrop = (files: File[]) => {
    if (!files[0]) return;
    if (isPictureFile(files[0])) choosePicture(files);
    else void openMessage(files);
  };

  const saveProto = async () => {
    try {
      download(await (await request("model/artifacts/protobuf")).blob(), "imagemood.proto");
    } catch (problem) {
      setError(errorMessage(problem));
    }
  };

  return (
    <section
      class="developers"
      aria-labelledby="developers-title"
      data-drop
      onDrop={(event) => onDrop(Array.from(event.dataTransfer?.files ?? []))}
    >
      <h1 id="developers-title">Developers</h1>
      <p class="lead">
        Exchange protobuf messages, as Acumos services do, with this service or with any other service that uses
        the same <code>.proto</code> file.
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
            {Object.entries(METHODS).map(([name, description]) => (
              <option key={name} value={name}>
                {name}: {description}
              </option>
            ))}
          </select>
        </label>
        <p class="muted wide">
          {url && (
            <>
              POST <code>{url.href}</code> ·{" "}
            </>
          )}
          {needsPicture
            ? (chosen?.name ?? "no picture chosen")
            : `${tagRows.length} ${tagRows === EXAMPLE_ROWS ? "example tag rows; send a picture to the method tag to use your own" : "tag rows"}`}
        </p>
        <div class="buttons wide">
          <button type="submit" class="primary">
            Send
          </button>
          {needsPicture && (
            <FileButton accept="image/*" onFiles={choosePicture}>
              Choose a picture
            </FileButton>
          )}
          {(["request", "response"] as const).map((part) => (
            <button
              key={part}
              type="button"
              disabled={!exchange}
              onClick={() => download(toBlob(exchange![part]), `${exchange!.method}.${part}.bin`)}
            >
              Save {part}
            </button>
          ))}
          <button type="button" onClick={() => void saveProto()}>
            Save .proto
          </button>
        </div>
      </form>
      <ErrorMessage>{error}</ErrorMessage>
      {exchange && <ExchangeSummary {...exchange} />}
      <div class="drop decode">
        <p>Drop an encoded message here to decode it</p>
        <FileButton onFiles={(files) => void openMessage(files)}>Choose a message</FileButton>
        <ErrorMessage>{dropError}</ErrorMessage>
      </div>
      {message && <MessageView {...message} />}
    </section>
  );
}

function ExchangeSummary({ method, request, response, url, ms }: Exchange) {
  const [nSent, nReceived] = [request, response].map(({ length }) => length.toLocaleString("en"));
  const command = `curl -H 'Content-Type: ${MEDIA_TYPE}' --data-binary @${method}.request.bin \\\n  ${url} -o ${method}.response.bin`;
  return (
    <div class="exchange">
      <p role="status">
        Sent {nSent} bytes and received {nReceived} bytes in {Math.round(ms)} ms. The same request with curl:
      </p>
      <pre tabIndex={0}>{command}</pre>
    </div>
  );
}

function MessageView({ name, content }: { name: string; content: Message }) {
  const [showsAll, setShowsAll] = useState(false);
  if (content.kind === "Image") return <ImageMessage name={name} {...content} />;
  const { rows } = content;
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {name}: ImageTagSet, {rows.length} {rows.length === 1 ? "row" : "rows"}
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
          {(showsAll ? rows : rows.slice(0, N_ROWS)).map(({ image, tag, score }, i) => (
            <tr key={i}>
              <td>{image}</td>
              <td>{tag}</td>
              <td class="number">{score.toPrecision(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > N_ROWS && !showsAll && (
        <button type="button" onClick={() => setShowsAll(true)}>
          Show all {rows.length} rows
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
        {name}: Image, {mimeType || "no MIME type"}, {content.length.toLocaleString("en")} bytes
      </h2>
      <img src={url} alt="Picture in the message" />
    </section>
  );
}
