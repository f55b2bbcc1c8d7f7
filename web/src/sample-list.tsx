// All sample pictures, each marked with the mood that it was chosen for.

import { useRequest } from "./hooks.ts";
import { RetryableError } from "./retryable-error.tsx";
import { address, navigate } from "./router.ts";
import { SampleButton } from "./sample-button.tsx";
import { loadSamples, SAMPLES } from "./samples.ts";
import type { Mood, Sample } from "./service.ts";
import { start as texts } from "./texts.ts";
import "./start.css";

export function SampleList({ moods }: { moods: Mood[] }) {
  const samples = useRequest(loadSamples, []);
  if (samples.error) return <RetryableError error={samples.error} onRetry={samples.retry} />;
  if (!samples.value?.length) return null;
  const order = moods.map(({ mood }) => mood);
  const sorted = samples.value.toSorted((a, b) => order.indexOf(a.mood) - order.indexOf(b.mood));
  return (
    <section class="samples" aria-labelledby="samples-title">
      <div class="heading">
        <h2 id="samples-title">{texts.samples}</h2>
        <button type="button" class="plain" onClick={() => void navigate(address([SAMPLES]), { album: SAMPLES })}>
          {texts.openAll}
        </button>
      </div>
      <ul>
        {sorted.map((sample) => (
          <li key={sample.name}>
            <SampleButton sample={sample} hasMood={order.includes(sample.mood)} />
          </li>
        ))}
      </ul>
      <Credits samples={sorted} />
    </section>
  );
}

function Credits({ samples }: { samples: Sample[] }) {
  return (
    <details class="credits muted">
      <summary>{texts.credits}</summary>
      <ul>
        {samples.map(({ name, title, credit, license }) => (
          <li key={name}>{texts.credit(title, credit, license)}</li>
        ))}
      </ul>
    </details>
  );
}
