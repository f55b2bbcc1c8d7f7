// Displays protobuf messages.

import { useMemo, useState } from "preact/hooks";

import { useObjectUrl } from "./hooks.ts";
import type { Message } from "./protobuf.ts";
import { developers as texts } from "./texts.ts";

const N_ROWS = 20;

export function MessageView({ name, content }: { name: string; content: Message }) {
  const [showsAll, setShowsAll] = useState(false);
  if (content.kind === "Image") return <ImageMessage name={name} {...content} />;
  const { rows } = content;
  return (
    <section class="message" aria-labelledby="message-title">
      <h2 id="message-title">
        {texts.rowsMessage(name, rows.length)}
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.columns.image}</th>
            <th scope="col">{texts.columns.tag}</th>
            <th scope="col" class="number">
              {texts.columns.score}
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
          {texts.showAll(rows.length)}
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
        {texts.imageMessage(name, mimeType, content.length)}
      </h2>
      <img src={url} alt={texts.pictureInMessage} />
    </section>
  );
}
