// The addresses of services and of their methods.

const METHOD_PATH = "model/methods/";

/** Return the base URL of the service that has a method at `address`, and the name of that method, if any. */
export function splitAddress(address: URL): { base: URL; method: string } {
  const { pathname } = address;
  const start = pathname.lastIndexOf(`/${METHOD_PATH}`);
  const end = (start < 0 ? pathname.lastIndexOf("/") : start) + 1;
  const base = new URL(pathname.slice(0, end), address.origin);
  return { base, method: pathname.slice(start < 0 ? end : end + METHOD_PATH.length) };
}

export const methodUrl = (base: URL, method: string): URL => new URL(METHOD_PATH + method, base);
