import { useState } from "preact/hooks";

import { developers as texts } from "./texts.ts";

/** A command and a program that send a request, each with a button that copies it. */
export function CodeSamples({ curl, python }: { curl: string; python: string }) {
  return (
    <section class="code-samples" aria-labelledby="code-title">
      <h2 id="code-title">{texts.codeTitle}</h2>
      <p class="muted">{texts.codeHelp}</p>
      <CodeBlock title={texts.curl} code={curl} />
      <CodeBlock title={texts.python} code={python} />
    </section>
  );
}

function CodeBlock({ title, code }: { title: string; code: string }) {
  const [copied, setCopied] = useState<{ code: string; message: string }>();
  const copy = async () => {
    const message = await navigator.clipboard.writeText(code).then(
      () => texts.copied,
      () => texts.notCopied,
    );
    setCopied({ code, message });
  };
  return (
    <figure class="code">
      <figcaption>
        <span>{title}</span>
        <span role="status" class="muted">
          {copied?.code === code && copied.message}
        </span>
        {navigator.clipboard && (
          <button type="button" class="plain" onClick={() => void copy()} aria-label={texts.copyCode(title)}>
            {texts.copy}
          </button>
        )}
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={title} dir="ltr">
        {code}
      </pre>
    </figure>
  );
}
