// Where the developer view sends messages: an address, and the methods of its service.

import { useEffect, useState } from "preact/hooks";

import { methodUrl, splitAddress } from "./addresses.ts";
import { learnMethods, type Methods } from "./methods.ts";

const TYPING_PAUSE_MS = 400;

/** Return the URL in a text field, or undefined if it is not one over HTTP. */
export function parseAddress(text: string): URL | undefined {
  if (!URL.canParse(text, location.href)) return undefined;
  const url = new URL(text, location.href);
  return ["http:", "https:"].includes(url.protocol) ? url : undefined;
}

/** Return whether an address may be the base URL of a service; any other address is used exactly as it is. */
export const isBaseUrl = (address: URL): boolean => !splitAddress(address).method && !address.search;

/**
 * Return where a message goes. An address is used exactly as it is, unless it is the base URL of a service that
 * describes its methods; then it is the URL of the chosen method, or of the first one that the service has.
 */
export function target(address: URL, methods: Methods | undefined, chosen: string): { url: URL; method: string } {
  const { base, method } = splitAddress(address);
  if (!isBaseUrl(address) || !methods) return { url: address, method };
  const known = chosen in methods ? chosen : (Object.keys(methods)[0] ?? chosen);
  return { url: methodUrl(base, known), method: known };
}

/** What is known of a service's methods: `methods` is undefined while it is asked, and if it describes none. */
export interface LearnedMethods {
  methods: Methods | undefined;
  isAsking: boolean;
}

/** Ask the service at `address` for its methods, once its address has been typed. */
export function useMethods(address: URL | undefined): LearnedMethods {
  const base = address && splitAddress(address).base.href;
  const [found, setFound] = useState<{ base: string; methods: Methods | undefined }>();
  useEffect(() => {
    if (!base) return undefined;
    let isCurrent = true;
    const ask = async () => {
      const methods = await learnMethods(new URL(base));
      if (isCurrent) setFound({ base, methods });
    };
    const timer = setTimeout(() => void ask(), found ? TYPING_PAUSE_MS : 0);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [base]);
  const isKnown = found?.base === base;
  return { methods: isKnown ? found?.methods : undefined, isAsking: !isKnown };
}
