// Displays protobuf messages, and the requests and responses that contained them.

import { useMemo, useState } from "preact/hooks";

import { useObjectUrl } from "./hooks.ts";
import { type Exchange, MEDIA_TYPE } from "./methods.ts";
import type { Message } from "./protobuf.ts";

const N_ROWS = 20;

export function ExchangeSummary({ name, request, response, url, ms }: Exchange) {
  const [nSent, nReceived] = [request, response].map(({ length }) => length.toLocaleString("en"));
  const command = `curl -H 'Content-Type: ${MEDIA_TYPE}' --data-binary @${name}.request.bin \\\n  '${url}' -o ${name}.response.bin`;
  return (
    <div class="exchange">
      <p role="status">
        Sent {nSent} bytes and received {nReceived} bytes in {Math.round(ms)} ms. The same request with curl:
      </p>
      <pre tabIndex={0}>{command}</pre>
    </div>
  );
}

export function MessageView({ name, content }: { name: string; content: Message }) {
  const [showsAll, setShowsAll] = useState(false);
  if (content.kind === "Image") return <ImageMessage name={name} {...content} />;
  const { rows } = content;
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {name}: ImageTagSet, {rows.length} {rows.length === 1 ? "row" : "rows"}
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">image</th>
            <th scope="col">tag</th>
            <th scope="col" class="number">
              score
            </th>
          </tr>
        </thead>
        <tbody>
          {(showsAll ? rows : rows.slice(0, N_ROWS)).map(({ image, tag, score }, i) => (
            <tr key={i}>
              <td>{image}</td>
              <td>{tag}</td>
              <td class="number">{score.toPrecision(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > N_ROWS && !showsAll && (
        <button type="button" onClick={() => setShowsAll(true)}>
          Show all {rows.length} rows
        </button>
      )}
    </section>
  );
}

function ImageMessage({ name, mimeType, content }: { name: string; mimeType: string; content: Uint8Array }) {
  const file = useMemo(() => new Blob([content as Uint8Array<ArrayBuffer>], { type: mimeType }), [content]);
  const url = useObjectUrl(file);
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {name}: Image, {mimeType || "no MIME type"}, {content.length.toLocaleString("en")} bytes
      </h2>
      <img src={url} alt="Picture in the message" />
    </section>
  );
}
