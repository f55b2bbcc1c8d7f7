// Client of the service's HTTP API.

import { splitAddress } from "./addresses.ts";
import type { operations, paths, PictureResult } from "./api-types.ts";
import { pause } from "./pause.ts";
import { requests as texts } from "./texts.ts";

export type { Affect, Explanation, LabelsResponse as Labels, Mood, SamplePicture as Sample } from "./api-types.ts";

type WithValues<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };

/** The result for a picture that the service could classify. */
export type Prediction = Omit<PictureResult, "moods" | "affect" | "tags" | "error"> &
  Required<Pick<PictureResult, "affect">> &
  WithValues<Pick<PictureResult, "moods" | "tags">, "moods" | "tags">;
/** The result for a picture that the service could not classify. */
export type PredictionError = WithValues<Pick<PictureResult, "image" | "error">, "error">;

type MoodsQuery = NonNullable<operations["classify_pictures"]["parameters"]["query"]>;
type Optional<T> = { [P in keyof T]?: T[P] | undefined };
export type PredictionOptions = Optional<Pick<MoodsQuery, "tags" | "explain" | "mood" | "tags_only">> & { without?: Iterable<string> };

/** The body in JSON of a route's response. */
type JsonResponse<Route> = Route extends { responses: { 200: { content: { "application/json": infer Body } } } }
  ? Body
  : never;
type JsonPath = { [P in keyof paths]: [JsonResponse<paths[P]["get"]>] extends [never] ? never : P }[keyof paths];

export class ServiceError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

/** The address in the parameter `url-image`, as in the page of 2018, or undefined. */
export const addressParameter = new URLSearchParams(location.search).get("url-image") ?? undefined;
const configuredService = document.querySelector<HTMLMetaElement>('meta[name="imagemood-service"]')?.content;
/** Whether this page consists of static files, which `imagemood page` wrote, instead of being part of a service. */
export const isStatic = configuredService !== undefined;
/**
 * The base URL of the service that classifies pictures. A page that is part of a service ignores the parameter, so that
 * no link can make it send pictures to another service.
 */
export const serviceUrl = isStatic
  ? (parseBaseUrl(addressParameter) ?? parseBaseUrl(configuredService) ?? new URL("http://127.0.0.1:8887/"))
  : new URL(".", location.href);

/** Return the base URL of the service that has a method at an address, or undefined if it is not a URL over HTTP. */
function parseBaseUrl(address: string | undefined): URL | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return ["http:", "https:"].includes(url.protocol) ? splitAddress(url).base : undefined;
}

const TOKEN_KEY = isStatic ? `imagemood-token ${serviceUrl.origin}` : "imagemood-token";
const MAX_RETRIES = 4;
const MAX_DETAIL_LENGTH = 300;

let keptToken = ""; // if the browser does not let the page store anything

export const token = {
  get: (): string => {
    try {
      return sessionStorage.getItem(TOKEN_KEY) ?? keptToken;
    } catch {
      return keptToken;
    }
  },
  set: (value: string): void => {
    keptToken = value;
    try {
      sessionStorage.setItem(TOKEN_KEY, value);
    } catch {
      // The token is kept until the page is reloaded.
    }
  },
};

async function send(url: URL, options: RequestInit, bearerToken: string): Promise<Response> {
  const headers = new Headers(options.headers);
  if (bearerToken) {
    // The value of a header consists of Latin-1 characters.
    if (!/^[\x20-\x7e\xa0-\xff]*$/.test(bearerToken)) throw new ServiceError(401, texts.tokenCharacters);
    headers.set("Authorization", `Bearer ${bearerToken}`);
  }
  let response: Response;
  try {
    response = await fetch(url, { ...options, headers });
  } catch (error) {
    throw connectionError(error, url);
  }
  if (response.ok) return response;
  const message = (await errorDetail(response)) || texts.status(response.status, response.statusText);
  throw new ServiceError(response.status, message, Number(response.headers.get("Retry-After")) || 0);
}

/** Return the error that describes why no response arrived; that of an aborted request is unchanged. */
function connectionError(error: unknown, url: URL): unknown {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "AbortError") return error;
  if (name === "TimeoutError") return new ServiceError(0, texts.timeout(url.origin));
  return new ServiceError(0, texts.unreachable(url.origin, url.origin === location.origin ? undefined : location.origin));
}

/** Return what a service says about an error. Pages in HTML are those of proxies. */
async function errorDetail(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === "string") return detail.slice(0, MAX_DETAIL_LENGTH);
  } catch {
    // not JSON
  }
  return response.headers.get("Content-Type")?.startsWith("text/plain") ? text.slice(0, MAX_DETAIL_LENGTH) : "";
}

/** Send a request to the service that classifies pictures. If the service is busy, retry after the delay it asks for. */
export async function request(
  path: string,
  options: RequestInit = {},
  maxRetries = MAX_RETRIES,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await send(new URL(path.replace(/^\//, ""), serviceUrl), options, token.get());
    } catch (error) {
      const isBusy = error instanceof ServiceError && error.status === 503 && attempt < maxRetries;
      if (!isBusy) throw error;
      await pause(1000 * Math.max(error.retryAfter, 0.5), options.signal);
    }
  }
}

/** Return whether requests to a URL contain the token, which is only for the service that classifies pictures. */
export const usesToken = (url: URL): boolean => url.origin === serviceUrl.origin && token.get() !== "";

/** Send a request to any service. */
export function requestFrom(url: URL, options: RequestInit): Promise<Response> {
  return send(url, options, usesToken(url) ? token.get() : "");
}

const getJson = async <P extends JsonPath>(path: P): Promise<JsonResponse<paths[P]["get"]>> =>
  (await (await request(path)).json()) as JsonResponse<paths[P]["get"]>;

export const fetchLabels = () => getJson("/v1/labels");
export const fetchSamples = async () => {
  const samples = await getJson("/v1/samples");
  return samples.map((sample) => ({ ...sample, url: samplePath(sample.url), thumbnail: samplePath(sample.thumbnail) }));
};

/** The path in this service of a sample, which may have a prefix, such as that of a reverse proxy. */
const samplePath = (path: string) => path.slice(Math.max(path.indexOf("/v1/samples/"), 0));

/** Send a request for the moods of pictures. */
async function requestMoods(
  query: string,
  init: RequestInit,
  maxRetries?: number,
): Promise<(Prediction | PredictionError)[]> {
  const response = await request(`v1/moods${query}`, init, maxRetries);
  try {
    const { results } = (await response.json()) as JsonResponse<paths["/v1/moods"]["post"]>;
    return results as (Prediction | PredictionError)[];
  } catch (error) {
    if (error instanceof SyntaxError) throw new ServiceError(0, texts.invalidResponse(serviceUrl.origin));
    throw connectionError(error, serviceUrl);
  }
}

function queryString({ tags, explain, mood, without, tags_only }: PredictionOptions): string {
  const parameters = new URLSearchParams();
  if (tags) parameters.set("tags", String(tags));
  if (explain) parameters.set("explain", explain);
  if (mood) parameters.set("mood", mood);
  for (const tag of without ?? []) parameters.append("without", tag);
  if (tags_only) parameters.set("tags_only", "true");
  return parameters.size ? `?${parameters}` : "";
}

/** Return the media type of a picture, or of a request that names the address of one. */
export const mediaType = ({ type }: Blob): string =>
  type.startsWith("image/") || type === "application/json" ? type : "application/octet-stream";

/** Classify a picture. If the service is busy, the request is repeated at most `maxRetries` times. */
export async function predict(
  picture: Blob,
  options: PredictionOptions = {},
  signal?: AbortSignal,
  maxRetries?: number,
): Promise<Prediction> {
  const init: RequestInit = {
    method: "POST",
    body: picture,
    headers: { "Content-Type": mediaType(picture) },
  };
  if (signal) init.signal = signal;
  const [prediction] = await requestMoods(queryString(options), init, maxRetries);
  return prediction as Prediction; // if the only picture is invalid, the request fails
}

export async function predictMany(
  pictures: Blob[],
  signal: AbortSignal,
  maxRetries?: number,
): Promise<(Prediction | PredictionError)[]> {
  const form = new FormData();
  pictures.forEach((picture, i) => form.append("image", picture, String(i)));
  try {
    return await requestMoods("", { method: "POST", body: form, signal }, maxRetries);
  } catch (error) {
    // If the only picture of a request is invalid, the request fails.
    const isInvalidPicture =
      error instanceof ServiceError && [413, 422].includes(error.status) && pictures.length === 1;
    if (!isInvalidPicture) throw error;
    return [{ image: "0", error: { type: "", title: "", status: error.status, detail: error.message } }];
  }
}

export const isError = (result: Prediction | PredictionError): result is PredictionError => "error" in result;

export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : texts.unknown;
