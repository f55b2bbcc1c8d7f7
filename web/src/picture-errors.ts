// Messages about pictures that the service cannot classify.

import { ServiceError } from "./service.ts";

/**
 * Return the message of a service without the status and the name of the picture that may precede it. Services name the
 * pictures of a form by their position, and a picture that is the whole body "image"; the page displays its own names.
 */
export function withoutPrefixes(detail: string, name = ""): string {
  const prefixes = [/^[45]\d\d: /, /^\d+: /, /^image: /];
  let message = detail;
  for (const prefix of prefixes) message = message.replace(prefix, "");
  return name && message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
}

const PICTURE_STATUSES = [413, 415, 422]; // too large, unsupported, invalid

/** Send a request about one picture. If the picture is the reason why it fails, the message of the error names it. */
export async function aboutPicture<T>(name: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (problem) {
    if (!(problem instanceof ServiceError) || !PICTURE_STATUSES.includes(problem.status)) throw problem;
    const message = `${name}: ${withoutPrefixes(problem.message, name)}`;
    throw new ServiceError(problem.status, message, problem.retryAfter);
  }
}
