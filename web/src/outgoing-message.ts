// The protobuf message that the developer view sends: where it goes, its kind and its content.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { splitAddress } from "./addresses.ts";
import { isBaseUrl, target, useMethods } from "./destination.ts";
import { expectedKind, learnMethods, type MessageKind, type Methods } from "./methods.ts";
import type { Picture } from "./pictures.ts";
import { encodeImage, encodeRows, type Message, type TagRow } from "./protobuf.ts";
import { developers as texts } from "./texts.ts";

const EXAMPLE_ROWS: TagRow[] = [
  { image: "0", tag: "lakeside, lakeshore", score: 0.7 },
  { image: "0", tag: "pier", score: 0.2 },
];

/** An encoded message in a file, which is sent as it is. */
export interface MessageFile {
  name: string;
  bytes: Uint8Array;
  content: Message;
}

export interface OutgoingMessage {
  /** Where the message goes, if the address is valid and no longer undecided. */
  destination: { url: URL; method: string } | undefined;
  /** Whether the address depends on the methods of the service, which are not yet known. */
  isUndecided: boolean;
  /** The methods that can be chosen, if the address is that of a service that describes them. */
  methods: Methods | undefined;
  kind: MessageKind;
  /** A file that is sent instead of a picture or rows. */
  file: MessageFile | undefined;
  rows: TagRow[];
  areExampleRows: boolean;
  /** What the user has chosen. If a part of it changes, a request with the earlier message is obsolete. */
  choices: unknown[];
  chooseMethod: (method: string) => void;
  chooseKind: (kind: MessageKind) => void;
  setFile: (file: MessageFile | undefined) => void;
  setRows: (rows: TagRow[]) => void;
  encode: () => Promise<Uint8Array>;
  /** Ask for the methods of the service, and return the destination and the encoded message. */
  prepare: () => Promise<{ url: URL; method: string; body: Uint8Array }>;
}

export function useOutgoingMessage(address: URL | undefined, picture: Picture | undefined): OutgoingMessage {
  const [chosenMethod, setMethod] = useState("mood");
  const [chosenKind, setKind] = useState<MessageKind>();
  const [rows, setRows] = useState(EXAMPLE_ROWS);
  const [file, setFile] = useState<MessageFile>();
  const { methods, isAsking } = useMethods(address);

  const isBase = address !== undefined && isBaseUrl(address);
  const isUndecided = isBase && isAsking;
  const destination = address && !isUndecided ? target(address, methods, chosenMethod) : undefined;
  const kindFor = (known: Methods | undefined, method: string): MessageKind =>
    file?.content.kind ?? chosenKind ?? expectedKind(known, method) ?? "Image";
  const kind = kindFor(methods, destination?.method ?? "");

  // With layout effects, so that a message that is sent immediately after a change is not obsolete.
  useLayoutEffect(() => setKind(undefined), [address?.href]);
  const lastPicture = useRef(picture);
  useLayoutEffect(() => {
    if (picture === lastPicture.current) return;
    lastPicture.current = picture;
    setFile(undefined);
    setKind("Image");
  }, [picture]);

  const encode = async (encoded: MessageKind): Promise<Uint8Array> => {
    if (file) return file.bytes;
    if (encoded === "ImageTagSet") return encodeRows(rows);
    if (!picture) throw new Error(texts.noPicture);
    return encodeImage(picture.file.type, new Uint8Array(await picture.file.arrayBuffer()));
  };
  return {
    destination,
    isUndecided,
    methods: isBase ? methods : undefined,
    kind,
    file,
    rows,
    areExampleRows: rows === EXAMPLE_ROWS,
    choices: [address?.href, chosenMethod, chosenKind, picture, file],
    chooseMethod: (method) => {
      setMethod(method);
      setKind(undefined);
    },
    chooseKind: (chosen) => {
      setKind(chosen);
      setFile(undefined);
    },
    setFile,
    setRows,
    encode: () => encode(kind),
    prepare: async () => {
      if (!address) throw new Error(texts.invalidAddress);
      const known = await learnMethods(splitAddress(address).base);
      const { url, method } = target(address, known, chosenMethod);
      return { url, method, body: await encode(kindFor(known, method)) };
    },
  };
}
