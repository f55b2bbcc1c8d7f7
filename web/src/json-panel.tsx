// Requests with a picture and responses in JSON: the API of this project, and the Open Inference Protocol.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { CodeSamples } from "./code-block.tsx";
import { inferenceSamples, jsonSamples } from "./code-samples.ts";
import { ErrorMessage, FileButton } from "./common.tsx";
import type { Picture } from "./pictures.ts";
import { requestFrom, usesToken } from "./service.ts";
import { useSending } from "./sending.ts";
import { developers as texts } from "./texts.ts";

const EXPLANATIONS = ["", "tags", "map", "all"] as const;
/** The name of the output that has a number for each label. */
const MODEL_OUTPUTS = { mood: "probabilities", tag: "scores" };
const MAX_SHOWN_STRING = 120;

interface PanelProps {
  /** The base URL of the service, if the address is valid. */
  base: URL | undefined;
  picture: Picture | undefined;
  onFiles: (files: File[]) => void;
}

export function JsonPanel({ base, picture, onFiles }: PanelProps) {
  const [nTags, setTags] = useState(0);
  const [explanation, setExplanation] = useState("");
  const url = base && new URL("v1/moods", base);
  if (nTags) url?.searchParams.set("tags", String(nTags));
  if (explanation) url?.searchParams.set("explain", explanation);
  const mediaType = mediaTypeOf(picture);
  return (
    <RequestPanel
      url={url}
      picture={picture}
      onFiles={onFiles}
      mediaType={mediaType}
      encode={async (chosen) => chosen.file}
      samples={(request) => jsonSamples(request)}
    >
      <label>
        {texts.tags}
        <input
          type="number"
          min={0}
          max={1000}
          value={nTags}
          onInput={(event) => setTags(Math.max(0, Math.round(event.currentTarget.valueAsNumber) || 0))}
        />
      </label>
      <label>
        {texts.explanation}
        <select value={explanation} onChange={(event) => setExplanation(event.currentTarget.value)}>
          {EXPLANATIONS.map((name) => (
            <option key={name} value={name}>
              {texts.explanations[name]}
            </option>
          ))}
        </select>
      </label>
    </RequestPanel>
  );
}

export function InferencePanel({ base, picture, onFiles }: PanelProps) {
  const [model, setModel] = useState<keyof typeof MODEL_OUTPUTS>("mood");
  return (
    <RequestPanel
      url={base && new URL(`v2/models/${model}/infer`, base)}
      picture={picture}
      onFiles={onFiles}
      mediaType="application/json"
      encode={encodeTensor}
      samples={(request) => inferenceSamples(request, MODEL_OUTPUTS[model])}
    >
      <label>
        {texts.model}
        <select value={model} onChange={(event) => setModel(event.currentTarget.value as typeof model)}>
          {(["mood", "tag"] as const).map((name) => (
            <option key={name} value={name}>
              {name}: {texts.methodTitles[name]}
            </option>
          ))}
        </select>
      </label>
    </RequestPanel>
  );
}

interface RequestPanelProps extends Omit<PanelProps, "base"> {
  url: URL | undefined;
  mediaType: string;
  encode: (picture: Picture) => Promise<Blob>;
  samples: (request: Parameters<typeof jsonSamples>[0]) => { curl: string; python: string };
  children: ComponentChildren;
}

interface JsonExchange {
  nSent: number;
  nReceived: number;
  ms: number;
  text: string;
}

function RequestPanel({ url, picture, onFiles, mediaType, encode, samples, children }: RequestPanelProps) {
  const { value, error, isSending, send } = useSending<JsonExchange>([url?.href, picture]);
  const exchange = async (signal: AbortSignal): Promise<JsonExchange> => {
    if (!url) throw new Error(texts.invalidAddress);
    if (!picture) throw new Error(texts.noPicture);
    const body = await encode(picture);
    const startMs = performance.now();
    const response = await requestFrom(url, { method: "POST", body, headers: { "Content-Type": mediaType }, signal });
    const content = await response.text();
    const ms = performance.now() - startMs;
    return { nSent: body.size, nReceived: new Blob([content]).size, ms, text: readable(content) };
  };
  const code = url && samples({ url: url.href, mediaType, file: fileName(picture), needsToken: usesToken(url) });
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send(exchange);
        }}
      >
        {children}
        <p class="muted wide">
          {url && (
            <>
              POST <code dir="ltr">{url.href}</code> ·{" "}
            </>
          )}
          {picture?.name ?? texts.noPictureChosen}
        </p>
        <div class="buttons wide">
          <button type="submit" class="primary" disabled={isSending}>
            {texts.send}
          </button>
          <FileButton accept="image/*" onFiles={onFiles}>
            {texts.choosePicture}
          </FileButton>
        </div>
      </form>
      <ErrorMessage>{error}</ErrorMessage>
      {value && (
        <div class="exchange">
          <p role="status">{texts.exchanged(value.nSent, value.nReceived, value.ms)}</p>
          <pre class="response" tabIndex={0} role="region" aria-label={texts.response} dir="ltr">
            {value.text}
          </pre>
        </div>
      )}
      {code && <CodeSamples {...code} />}
    </>
  );
}

/** Return the name of a picture's file in the samples of code. */
export const fileName = (picture: Picture | undefined): string =>
  picture?.file instanceof File && picture.file.name ? picture.file.name : "photo.jpg";

const mediaTypeOf = (picture: Picture | undefined): string =>
  picture ? (picture.file.type.startsWith("image/") ? picture.file.type : "application/octet-stream") : "image/jpeg";

async function encodeTensor({ file }: Picture): Promise<Blob> {
  const dataUrl = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(texts.unreadableFile));
    reader.readAsDataURL(file);
  });
  const data = [dataUrl.slice(dataUrl.indexOf(",") + 1)];
  const inputs = [{ name: "image", shape: [1], datatype: "BYTES", data }];
  return new Blob([JSON.stringify({ inputs })], { type: "application/json" });
}

/** Return a response in JSON with indentation, and without the content of pictures; any other text is unchanged. */
function readable(content: string): string {
  try {
    return JSON.stringify(JSON.parse(content), shortened, 2);
  } catch {
    return content.slice(0, 10_000);
  }
}

const shortened = (_: string, value: unknown): unknown =>
  typeof value === "string" && value.length > MAX_SHOWN_STRING ? texts.shortened(value.slice(0, 40), value.length) : value;
