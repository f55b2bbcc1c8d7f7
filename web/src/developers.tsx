// The developer view: requests and responses as protobuf messages.

import { useEffect, useState } from "preact/hooks";

import { splitAddress } from "./addresses.ts";
import { download, ErrorMessage, FileButton } from "./common.tsx";
import { parseAddress, target, useMethods } from "./destination.ts";
import { ExchangeSummary, MessageView } from "./message-view.tsx";
import {
  callMethod,
  type Exchange,
  expectedKind,
  learnMethods,
  type MessageKind,
  type Methods,
  toBlob,
} from "./methods.ts";
import { createPicture, isPictureFile, type Picture } from "./pictures.ts";
import { decode, encodeImage, encodeRows, type Message, type TagRow } from "./protobuf.ts";
import { addressParameter, errorMessage, request, serviceUrl } from "./service.ts";

const METHOD_TITLES: Record<string, string> = {
  mood: "picture to moods",
  tag: "picture to tags",
  classify: "tags to moods",
};
const KIND_TITLES: Record<MessageKind, string> = { Image: "a picture", ImageTagSet: "tag rows" };
const EXAMPLE_ROWS: TagRow[] = [
  { image: "0", tag: "lakeside, lakeshore", score: 0.7 },
  { image: "0", tag: "pier", score: 0.2 },
];

/** An encoded message in a file, which is sent as it is. */
interface MessageFile {
  name: string;
  bytes: Uint8Array;
  kind: MessageKind;
}

interface DevelopersProps {
  picture: Picture | undefined;
  /** A file that was dropped elsewhere on the page. */
  messageFile: File | undefined;
}

export default function Developers({ picture, messageFile }: DevelopersProps) {
  const [service, setService] = useState(addressParameter ?? serviceUrl.href);
  const [chosenMethod, setMethod] = useState("mood");
  const [chosenKind, setKind] = useState<MessageKind>();
  const [chosen, setChosen] = useState<Picture | undefined>(picture);
  const [tagRows, setTagRows] = useState(EXAMPLE_ROWS);
  const [file, setFile] = useState<MessageFile>();
  const [exchange, setExchange] = useState<Exchange>();
  const [message, setMessage] = useState<{ name: string; content: Message }>();
  const [error, setError] = useState("");
  const [dropError, setDropError] = useState("");

  const address = parseAddress(service);
  const methods = useMethods(address);
  const kindFor = (known: Methods | undefined, method: string): MessageKind =>
    chosenKind ?? expectedKind(known, method) ?? "Image";
  const destination = address && target(address, methods, chosenMethod);
  const kind = file?.kind ?? kindFor(methods, destination?.method ?? "");
  const isBase = Boolean(address && methods && !splitAddress(address).method && !address.search);

  const encode = async (sent: MessageKind): Promise<Uint8Array> => {
    if (file) return file.bytes;
    if (sent === "ImageTagSet") return encodeRows(tagRows);
    if (!chosen) throw new Error("Choose a picture first.");
    return encodeImage(chosen.file.type, new Uint8Array(await chosen.file.arrayBuffer()));
  };

  const send = async () => {
    setError("");
    setExchange(undefined);
    try {
      if (!address) throw new Error("The service address is not a valid URL.");
      const known = await learnMethods(splitAddress(address).base);
      const { url, method } = target(address, known, chosenMethod);
      const completed = await callMethod(url, await encode(kindFor(known, method)));
      setExchange(completed);
      setMessage(undefined);
      const content = decodeResponse(completed.response);
      setMessage({ name: "Response", content });
      if (method === "tag" && content.kind === "ImageTagSet") setTagRows(content.rows);
    } catch (problem) {
      setError(errorMessage(problem));
    }
  };

  const openMessage = async ([opened]: File[]) => {
    setDropError("");
    const { name } = opened!;
    try {
      const bytes = new Uint8Array(await opened!.arrayBuffer());
      const content = decode(bytes);
      setMessage({ name, content });
      setFile({ name, bytes, kind: content.kind });
    } catch (problem) {
      setDropError(`${name}: ${errorMessage(problem)}`);
    }
  };

  useEffect(() => {
    if (messageFile) void openMessage([messageFile]);
  }, [messageFile]);

  const choosePicture = ([opened]: File[]) => {
    setChosen(createPicture(opened!.name, opened!));
    setFile(undefined);
    setKind("Image");
  };
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
        <label class={isBase ? "wide" : undefined}>
          Service
          <input
            type="url"
            required
            value={service}
            onInput={(event) => {
              setService(event.currentTarget.value);
              setKind(undefined);
            }}
            spellcheck={false}
          />
        </label>
        {isBase && (
          <label>
            Method
            <select
              value={destination!.method}
              onChange={(event) => {
                setMethod(event.currentTarget.value);
                setKind(undefined);
              }}
            >
              {Object.keys(methods!).map((name) => (
                <option key={name} value={name}>
                  {METHOD_TITLES[name] ? `${name}: ${METHOD_TITLES[name]}` : name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          Message
          <select
            value={kind}
            onChange={(event) => {
              setKind(event.currentTarget.value as MessageKind);
              setFile(undefined);
            }}
          >
            {Object.entries(KIND_TITLES).map(([name, title]) => (
              <option key={name} value={name}>
                {name}: {title}
              </option>
            ))}
          </select>
        </label>
        <p class="muted wide">
          {destination && (
            <>
              POST <code>{destination.url.href}</code> ·{" "}
            </>
          )}
          {file ? (
            <>
              the message in {file.name}{" "}
              <button type="button" class="plain" onClick={() => setFile(undefined)}>
                Remove
              </button>
            </>
          ) : kind === "Image" ? (
            (chosen?.name ?? "no picture chosen")
          ) : (
            rowsTitle(tagRows)
          )}
        </p>
        <div class="buttons wide">
          <button type="submit" class="primary">
            Send
          </button>
          <FileButton accept="image/*" onFiles={choosePicture}>
            Choose a picture
          </FileButton>
          {(["request", "response"] as const).map((part) => (
            <button
              key={part}
              type="button"
              disabled={!exchange}
              onClick={() => download(toBlob(exchange![part]), `${exchange!.name}.${part}.bin`)}
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
        <p>Drop an encoded message here to see its content and to send it</p>
        <FileButton onFiles={(files) => void openMessage(files)}>Choose a message</FileButton>
        <ErrorMessage>{dropError}</ErrorMessage>
      </div>
      {message && <MessageView {...message} />}
    </section>
  );
}

const rowsTitle = (rows: TagRow[]): string =>
  rows === EXAMPLE_ROWS
    ? `${rows.length} example tag rows; send a picture to the method tag to use your own`
    : `${rows.length} tag rows`;

/** Decode a response, of which an empty one is a message without rows. */
function decodeResponse(bytes: Uint8Array): Message {
  if (!bytes.length) return { kind: "ImageTagSet", rows: [] };
  try {
    return decode(bytes);
  } catch {
    throw new Error("The response is not an Image or ImageTagSet message. Save it to examine it.");
  }
}
