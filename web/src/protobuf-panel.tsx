// Requests and responses as protobuf messages, as Acumos services exchange them.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { splitAddress } from "./addresses.ts";
import { CodeSamples } from "./code-block.tsx";
import { protobufSamples } from "./code-samples.ts";
import { download, ErrorMessage, FileButton } from "./common.tsx";
import { isBaseUrl, target, useMethods } from "./destination.ts";
import { MessageView } from "./message-view.tsx";
import {
  callMethod,
  type Exchange,
  expectedKind,
  learnMethods,
  MEDIA_TYPE,
  type MessageKind,
  type Methods,
  toBlob,
} from "./methods.ts";
import type { Picture } from "./pictures.ts";
import { decode, encodeImage, encodeRows, type Message, type TagRow } from "./protobuf.ts";
import { useSending } from "./sending.ts";
import { errorMessage, request, usesToken } from "./service.ts";
import { developers as texts } from "./texts.ts";

const EXAMPLE_ROWS: TagRow[] = [
  { image: "0", tag: "lakeside, lakeshore", score: 0.7 },
  { image: "0", tag: "pier", score: 0.2 },
];

/** An encoded message in a file, which is sent as it is. */
interface MessageFile {
  name: string;
  bytes: Uint8Array;
  content: Message;
}

interface ProtobufPanelProps {
  address: URL | undefined;
  picture: Picture | undefined;
  onFiles: (files: File[]) => void;
  messageFile: File | undefined;
}

export function ProtobufPanel({ address, picture, onFiles, messageFile }: ProtobufPanelProps) {
  const [chosenMethod, setMethod] = useState("mood");
  const [chosenKind, setKind] = useState<MessageKind>();
  const [tagRows, setTagRows] = useState(EXAMPLE_ROWS);
  const [file, setFile] = useState<MessageFile>();
  const [displayed, setDisplayed] = useState<{ name: string; content: Message }>();
  const [fileError, setFileError] = useState("");
  const [saveError, setSaveError] = useState("");

  const { methods, isAsking } = useMethods(address);
  const kindFor = (known: Methods | undefined, method: string): MessageKind =>
    chosenKind ?? expectedKind(known, method) ?? "Image";
  // The methods decide where a message goes: until they are known, no address or file name is displayed or used.
  const isUndecided = Boolean(address && isBaseUrl(address) && isAsking);
  const destination = address && !isUndecided ? target(address, methods, chosenMethod) : undefined;
  const kind = file?.content.kind ?? kindFor(methods, destination?.method ?? "");
  const hasMethods = Boolean(address && isBaseUrl(address) && methods);
  const { value: exchange, error, send } = useSending<Exchange>([
    address?.href,
    chosenMethod,
    chosenKind,
    picture,
    file,
  ]);

  useLayoutEffect(() => setKind(undefined), [address?.href]);
  useEffect(() => setSaveError(""), [destination?.url.href, kind, picture, file]);
  const lastPicture = useRef(picture);
  useLayoutEffect(() => {
    if (picture === lastPicture.current) return;
    lastPicture.current = picture;
    setFile(undefined);
    setKind("Image");
  }, [picture]);

  const encode = async (sent: MessageKind): Promise<Uint8Array> => {
    if (file) return file.bytes;
    if (sent === "ImageTagSet") return encodeRows(tagRows);
    if (!picture) throw new Error(texts.noPicture);
    return encodeImage(picture.file.type, new Uint8Array(await picture.file.arrayBuffer()));
  };

  const call = async (signal: AbortSignal): Promise<Exchange> => {
    setDisplayed(undefined);
    setSaveError("");
    if (!address) throw new Error(texts.invalidAddress);
    const known = await learnMethods(splitAddress(address).base);
    const { url, method } = target(address, known, chosenMethod);
    const completed = await callMethod(url, await encode(kindFor(known, method)), signal);
    if (signal.aborted) return completed;
    const content = decodeResponse(completed.response);
    if (content) setDisplayed({ name: texts.response, content });
    else setSaveError(texts.unknownResponse);
    if (method === "tag" && content?.kind === "ImageTagSet") setTagRows(content.rows);
    return completed;
  };

  const openMessage = async (opened: File) => {
    setFileError("");
    try {
      const bytes = new Uint8Array(await opened.arrayBuffer());
      const content = decode(bytes);
      setDisplayed({ name: opened.name, content });
      setFile({ name: opened.name, bytes, content });
    } catch (problem) {
      setFileError(`${opened.name}: ${errorMessage(problem)}`);
    }
  };
  useEffect(() => {
    if (messageFile) void openMessage(messageFile);
  }, [messageFile]);

  const save = async (content: () => Promise<Blob>, name: string) => {
    setSaveError("");
    try {
      download(await content(), name);
    } catch (problem) {
      setSaveError(errorMessage(problem));
    }
  };
  const name = splitAddress(destination?.url ?? new URL("http://localhost/")).method || "message";
  const requestFile = `${name}.request.bin`;
  const responseFile = `${name}.response.bin`;
  const saveProto = async () => (await request("model/artifacts/protobuf")).blob();
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send(call);
        }}
      >
        {hasMethods && (
          <label>
            {texts.method}
            <select
              value={destination!.method}
              onChange={(event) => {
                setMethod(event.currentTarget.value);
                setKind(undefined);
              }}
            >
              {Object.keys(methods!).map((method) => (
                <option key={method} value={method}>
                  {texts.methodTitles[method] ? `${method}: ${texts.methodTitles[method]}` : method}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {texts.message}
          <select
            value={kind}
            onChange={(event) => {
              setKind(event.currentTarget.value as MessageKind);
              setFile(undefined);
            }}
          >
            {Object.entries(texts.kindTitles).map(([kindName, title]) => (
              <option key={kindName} value={kindName}>
                {kindName}: {title}
              </option>
            ))}
          </select>
        </label>
        <p class="muted wide">
          {destination && (
            <>
              POST <code dir="ltr">{destination.url.href}</code> ·{" "}
            </>
          )}
          {file ? (
            <>
              {texts.messageIn(file.name)}{" "}
              <button type="button" class="plain" onClick={() => setFile(undefined)}>
                {texts.remove}
              </button>
            </>
          ) : kind === "Image" ? (
            (picture?.name ?? texts.noPictureChosen)
          ) : (
            texts.rows(tagRows.length, tagRows === EXAMPLE_ROWS)
          )}
        </p>
        <div class="buttons wide">
          <button type="submit" class="primary">
            {texts.send}
          </button>
          <FileButton accept="image/*" onFiles={onFiles}>
            {texts.choosePicture}
          </FileButton>
          <button
            type="button"
            disabled={isUndecided}
            onClick={() => void save(async () => toBlob(await encode(kind)), requestFile)}
          >
            {texts.saveRequest}
          </button>
          <button
            type="button"
            disabled={!exchange}
            onClick={() => void save(async () => toBlob(exchange!.response), responseFile)}
          >
            {texts.saveResponse}
          </button>
          <button type="button" onClick={() => void save(saveProto, "imagemood.proto")}>
            {texts.saveProto}
          </button>
        </div>
      </form>
      <ErrorMessage>{saveError || error}</ErrorMessage>
      {exchange && (
        <p role="status">{texts.exchanged(exchange.request.length, exchange.response.length, exchange.ms)}</p>
      )}
      <div class="drop decode">
        <p>{texts.dropMessage}</p>
        <FileButton onFiles={([opened]) => void openMessage(opened!)}>{texts.chooseMessage}</FileButton>
        <ErrorMessage>{fileError}</ErrorMessage>
      </div>
      {displayed && <MessageView {...displayed} />}
      {destination && (
        <CodeSamples
          {...protobufSamples(
            {
              url: destination.url.href,
              mediaType: MEDIA_TYPE,
              file: file?.name ?? requestFile,
              needsToken: usesToken(destination.url),
            },
            responseFile,
          )}
        />
      )}
    </>
  );
}

/** Decode a response, of which an empty one is a message without rows. */
function decodeResponse(bytes: Uint8Array): Message | undefined {
  if (!bytes.length) return { kind: "ImageTagSet", rows: [] };
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
