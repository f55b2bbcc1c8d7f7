// Requests and responses as protobuf messages, as Acumos services exchange them.

import { useEffect, useState } from "preact/hooks";

import { splitAddress } from "./addresses.ts";
import { CodeSamples } from "./code-block.tsx";
import { protobufSamples } from "./code-samples.ts";
import { download, ErrorMessage, FileButton } from "./common.tsx";
import { MessageView } from "./message-view.tsx";
import { callMethod, type Exchange, MEDIA_TYPE, type MessageKind, toBlob } from "./methods.ts";
import { type MessageFile, type OutgoingMessage, useOutgoingMessage } from "./outgoing-message.ts";
import type { Picture } from "./pictures.ts";
import { decode, type Message } from "./protobuf.ts";
import { useSending } from "./sending.ts";
import { errorMessage, request, usesToken } from "./service.ts";
import { developers as texts } from "./texts.ts";

interface ProtobufPanelProps {
  address: URL | undefined;
  picture: Picture | undefined;
  onFiles: (files: File[]) => void;
  messageFile: File | undefined;
}

export function ProtobufPanel({ address, picture, onFiles, messageFile }: ProtobufPanelProps) {
  const message = useOutgoingMessage(address, picture);
  const { destination, kind, file } = message;
  const [displayed, setDisplayed] = useState<{ name: string; content: Message }>();
  const [problem, setProblem] = useState("");
  const { value: exchange, error, send } = useSending<Exchange>(message.choices);
  useEffect(() => setProblem(""), [destination?.url.href, kind, picture, file]);

  const call = async (signal: AbortSignal): Promise<Exchange> => {
    setDisplayed(undefined);
    setProblem("");
    const { url, method, body } = await message.prepare();
    const completed = await callMethod(url, body, signal);
    if (signal.aborted) return completed;
    const content = decodeResponse(completed.response);
    if (content) setDisplayed({ name: texts.response, content });
    else setProblem(texts.unknownResponse);
    if (method === "tag" && content?.kind === "ImageTagSet") message.setRows(content.rows);
    return completed;
  };
  const save = async (content: () => Promise<Blob>, name: string) => {
    setProblem("");
    try {
      download(await content(), name);
    } catch (reason) {
      setProblem(errorMessage(reason));
    }
  };
  const name = (destination && splitAddress(destination.url).method) || "message";
  const requestFile = `${name}.request.bin`;
  const responseFile = `${name}.response.bin`;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send(call);
        }}
      >
        <MessageFields message={message} />
        <MessageSummary message={message} picture={picture} />
        <div class="buttons wide">
          <button type="submit" class="primary">
            {texts.send}
          </button>
          <FileButton accept="image/*" onFiles={onFiles}>
            {texts.choosePicture}
          </FileButton>
          <button
            type="button"
            disabled={message.isUndecided}
            onClick={() => void save(async () => toBlob(await message.encode()), requestFile)}
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
          <button type="button" onClick={() => void save(fetchProto, "imagemood.proto")}>
            {texts.saveProto}
          </button>
        </div>
      </form>
      <ErrorMessage>{problem || error}</ErrorMessage>
      {exchange && (
        <p role="status">{texts.exchanged(exchange.request.length, exchange.response.length, exchange.ms)}</p>
      )}
      <MessageOpener
        dropped={messageFile}
        onMessage={(opened) => {
          setDisplayed(opened);
          message.setFile(opened);
        }}
      />
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

/** The fields in which the method and the kind of message are chosen. */
function MessageFields({ message }: { message: OutgoingMessage }) {
  return (
    <>
      {message.methods && (
        <label>
          {texts.method}
          <select
            value={message.destination?.method}
            onChange={(event) => message.chooseMethod(event.currentTarget.value)}
          >
            {Object.keys(message.methods).map((method) => (
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
          value={message.kind}
          onChange={(event) => message.chooseKind(event.currentTarget.value as MessageKind)}
        >
          {Object.entries(texts.kindTitles).map(([kind, title]) => (
            <option key={kind} value={kind}>
              {kind}: {title}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Where a message goes, and what it contains. */
function MessageSummary({ message, picture }: { message: OutgoingMessage; picture: Picture | undefined }) {
  const { destination, file, kind, rows, areExampleRows } = message;
  return (
    <p class="muted wide">
      {destination && (
        <>
          POST <code dir="ltr">{destination.url.href}</code> ·{" "}
        </>
      )}
      {file ? (
        <>
          {texts.messageIn(file.name)}{" "}
          <button type="button" class="plain" onClick={() => message.setFile(undefined)}>
            {texts.remove}
          </button>
        </>
      ) : kind === "Image" ? (
        (picture?.name ?? texts.noPictureChosen)
      ) : (
        texts.rows(rows.length, areExampleRows)
      )}
    </p>
  );
}

interface MessageOpenerProps {
  /** A file that was dropped elsewhere on the page. */
  dropped: File | undefined;
  onMessage: (opened: MessageFile) => void;
}

/** Opens files that contain messages. */
function MessageOpener({ dropped, onMessage }: MessageOpenerProps) {
  const [error, setError] = useState("");
  const open = async (file: File) => {
    setError("");
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      onMessage({ name: file.name, bytes, content: decode(bytes) });
    } catch (problem) {
      setError(`${file.name}: ${errorMessage(problem)}`);
    }
  };
  useEffect(() => {
    if (dropped) void open(dropped);
  }, [dropped]);
  return (
    <div class="drop decode">
      <p>{texts.dropMessage}</p>
      <FileButton onFiles={([file]) => void open(file!)}>{texts.chooseMessage}</FileButton>
      <ErrorMessage>{error}</ErrorMessage>
    </div>
  );
}

const fetchProto = async (): Promise<Blob> => (await request("model/artifacts/protobuf")).blob();

/** Decode a response, of which an empty one is a message without rows. */
function decodeResponse(bytes: Uint8Array): Message | undefined {
  if (!bytes.length) return { kind: "ImageTagSet", rows: [] };
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
