// The methods of services that exchange the .proto file's messages: their addresses, inputs, and calls.

import { requestFrom, ServiceError } from "./service.ts";

export type MessageKind = "Image" | "ImageTagSet";
/** The name of the input and output message of each method. */
export type Methods = Record<string, { input: string; output: string }>;

export const MEDIA_TYPE = "application/vnd.google.protobuf";

const learned = new Map<string, Promise<Methods | undefined>>();

/** Return the methods that a service describes, or undefined if it describes none that the page may read. */
export function learnMethods(base: URL): Promise<Methods | undefined> {
  const known = learned.get(base.href);
  if (known) return known;
  const methods = fetchMethods(base).catch(() => {
    learned.delete(base.href); // the service may be started later
    return undefined;
  });
  learned.set(base.href, methods);
  return methods;
}

async function fetchMethods(base: URL): Promise<Methods> {
  const response = await requestFrom(new URL("model/artifacts/metadata", base), {});
  const { methods } = (await response.json()) as {
    methods: Record<string, { input: { name: string }; output: { name: string } }>;
  };
  return Object.fromEntries(
    Object.entries(methods).map(([name, { input, output }]) => [name, { input: input.name, output: output.name }]),
  );
}

/** Return the kind of message that a method expects, if it is one of the .proto file's. */
export function expectedKind(methods: Methods | undefined, method: string): MessageKind | undefined {
  const input = methods?.[method]?.input;
  return input === "Image" || input === "ImageTagSet" ? input : undefined;
}

export interface Exchange {
  request: Uint8Array;
  response: Uint8Array;
  ms: number;
}

export const toBlob = (bytes: Uint8Array): Blob =>
  new Blob([bytes as Uint8Array<ArrayBuffer>], { type: MEDIA_TYPE });

export async function callMethod(url: URL, body: Uint8Array, signal: AbortSignal): Promise<Exchange> {
  const start = performance.now();
  const response = await post(url, body, signal);
  const content = new Uint8Array(await response.arrayBuffer());
  return { request: body, response: content, ms: performance.now() - start };
}

async function post(url: URL, body: Uint8Array, signal: AbortSignal): Promise<Response> {
  const options = { method: "POST", body: toBlob(body), signal };
  try {
    return await requestFrom(url, { ...options, headers: { "Content-Type": MEDIA_TYPE, Accept: MEDIA_TYPE } });
  } catch (problem) {
    // The services of 2018 do not answer the preflight requests that browsers send unless the body is plain text.
    const isRefused = problem instanceof ServiceError && problem.status === 0;
    if (!isRefused || url.origin === location.origin) throw problem;
    return requestFrom(url, { ...options, headers: { "Content-Type": "text/plain;charset=UTF-8" } });
  }
}
