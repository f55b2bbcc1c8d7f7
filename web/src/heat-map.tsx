// The heat map over a picture, and the slider of its opacity.

import { useEffect, useRef, useState } from "preact/hooks";

import { moodName, percent, picture as texts } from "./texts.ts";

const SWEEP_MS = 1500;
const SWEEP_OPACITY = 90;

/** The opacity in percent, which is kept when another picture is opened. */
let lastOpacity = 45;
let hasMoved = false;

const prefersReducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export interface Opacity {
  value: number;
  onChange: (opacity: number) => void;
}

/**
 * Return the opacity of the heat map. When the first heat map appears, its opacity rises and falls once, together with
 * the slider, to show what the slider does; not if the user prefers reduced motion.
 */
export function useOpacity(isShown: boolean): Opacity {
  const [value, setValue] = useState(() => (hasMoved || prefersReducedMotion() ? lastOpacity : 0));
  const frame = useRef(0);
  useEffect(() => {
    if (!isShown || hasMoved) return undefined;
    hasMoved = true;
    if (prefersReducedMotion()) return undefined;
    const start = performance.now();
    const move = () => {
      const progress = Math.min(1, (performance.now() - start) / SWEEP_MS);
      const rise = Math.sin(Math.PI * progress) ** 2 * (SWEEP_OPACITY - lastOpacity);
      setValue(Math.round(lastOpacity * Math.min(1, 4 * progress) + rise));
      if (progress < 1) frame.current = requestAnimationFrame(move);
    };
    move();
    return () => cancelAnimationFrame(frame.current);
  }, [isShown]);
  const onChange = (opacity: number) => {
    cancelAnimationFrame(frame.current);
    lastOpacity = opacity;
    setValue(opacity);
  };
  return { value, onChange };
}

interface HeatMapSliderProps {
  mood: string;
  range: readonly [number, number] | number[] | null | undefined;
  opacity: Opacity;
}

/** The slider, and the scale of the colours. */
export function HeatMapSlider({ mood, range, opacity }: HeatMapSliderProps) {
  return (
    <>
      <label class="slider">
        <span>{texts.heatMapOf(moodName(mood))}</span>
        <input
          type="range"
          min="0"
          max="100"
          value={opacity.value}
          onInput={(event) => opacity.onChange(Number(event.currentTarget.value))}
        />
      </label>
      {range && opacity.value > 0 && (
        <p class="scale">
          <span class="visually-hidden">{texts.regionProbability}</span>
          <span>{percent(range[0]!)}</span>
          <span class="colours" />
          <span class="visually-hidden">{texts.to}</span>
          <span>{percent(range[1]!)}</span>
        </p>
      )}
    </>
  );
}
