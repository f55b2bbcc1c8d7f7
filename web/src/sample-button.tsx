// A sample picture that can be opened.

import { useRequest } from "./hooks.ts";
import { MoodFace } from "./moods.tsx";
import { address, navigate } from "./router.ts";
import { sampleId, thumbnailUrl } from "./samples.ts";
import type { Sample } from "./service.ts";
import { moodName, start as texts } from "./texts.ts";

interface SampleButtonProps {
  sample: Sample;
  /** Whether it is an example of its mood, which is named beside it. */
  isExample?: boolean;
  /** Whether its mood is one of the model's. */
  hasMood?: boolean;
}

export function SampleButton({ sample, isExample = false, hasMood = true }: SampleButtonProps) {
  // The thumbnail is fetched because the `src` of an image cannot send the access token.
  const thumbnail = useRequest(() => thumbnailUrl(sample), [sample]);
  const open = () => void navigate(address(["sample", sampleId(sample)]), { album: undefined });
  return (
    <button type="button" class="sample" onClick={open}>
      <span class="thumbnail">
        <img src={thumbnail.value} alt="" width="160" height="120" />
        {!isExample && hasMood && <MoodFace mood={sample.mood} size={26} />}
      </span>
      <span class={isExample ? "visually-hidden" : undefined}>{sample.title}</span>
      {hasMood && <span class="visually-hidden">{texts.exampleOf(moodName(sample.mood))}</span>}
    </button>
  );
}
