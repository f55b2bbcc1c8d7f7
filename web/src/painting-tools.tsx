// The tools for painting over regions of a picture, and what the painted region contributed.

import type { RefObject } from "preact";
import { useRef, useState } from "preact/hooks";

import { ErrorMessage } from "./common.tsx";
import { coverage, type Fill, type Tool } from "./painting.ts";
import type { Prediction } from "./service.ts";
import { moodName, picture as texts } from "./texts.ts";
import type { WhatIfChanges } from "./what-if.ts";
import "./painting.css";

export { PaintingCanvas } from "./painting-canvas.tsx";

const SIZES = [0.04, 0.08, 0.14, 0.22, 0.32]; // of the brush, as fractions of the longer side of the picture
const TOOLS: Tool[] = ["brush", "rectangle"];
const FILLS: Fill[] = ["surroundings", "mean"];

export interface PaintingState {
  isOpen: boolean;
  setIsOpen: (isOpen: boolean) => void;
  /** Hide the tools, and move the focus to the button that shows them. */
  close: () => void;
  button: RefObject<HTMLButtonElement | null>;
  tool: Tool;
  setTool: (tool: Tool) => void;
  size: number;
  changeSize: (change: 1 | -1) => void;
  /** What is painted on, once it is loaded. */
  pixels: HTMLCanvasElement | undefined;
  error: string;
}

/** The state of the tools. */
export function usePaintingTools(): Omit<PaintingState, "pixels" | "error"> {
  const [isOpen, setIsOpen] = useState(false);
  const [tool, setTool] = useState<Tool>("brush");
  const [sizeIndex, setSizeIndex] = useState(2);
  const changeSize = (change: 1 | -1) =>
    setSizeIndex((index) => Math.min(SIZES.length - 1, Math.max(0, index + change)));
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setIsOpen(false);
    button.current?.focus();
  };
  return { isOpen, setIsOpen, close, button, tool, setTool, size: SIZES[sizeIndex]!, changeSize };
}

interface PaintingToolsProps {
  painting: PaintingState;
  whatIf: WhatIfChanges;
  baseline: Prediction | undefined;
  current: Prediction | undefined;
  mood: string | undefined;
}

export function PaintingTools({ painting, whatIf, baseline, current, mood }: PaintingToolsProps) {
  const { isOpen, tool, size, pixels } = painting;
  return (
    <div class="painting-tools">
      <button ref={painting.button} type="button" class="paint-button" aria-expanded={isOpen} onClick={() => painting.setIsOpen(!isOpen)}>
        {texts.paint}
      </button>
      {isOpen && (
        <>
          <p class="muted" id="painting-help">
            {texts.paintingHelp}
          </p>
          <div class="painting-options">
            <Choice legend={texts.tool} name="tool" options={TOOLS} labels={texts.tools} value={tool} onChange={painting.setTool} />
            {tool === "brush" && (
              <div class="brush-size" role="group" aria-label={texts.brushSize}>
                <button
                  type="button"
                  aria-label={texts.smallerBrush}
                  disabled={size === SIZES[0]}
                  onClick={() => painting.changeSize(-1)}
                >
                  −
                </button>
                <button
                  type="button"
                  aria-label={texts.largerBrush}
                  disabled={size === SIZES.at(-1)}
                  onClick={() => painting.changeSize(1)}
                >
                  +
                </button>
              </div>
            )}
            <Choice
              legend={texts.fill}
              name="fill"
              options={FILLS}
              labels={texts.fills}
              value={whatIf.fill}
              onChange={(fill) => whatIf.change({ fill }, texts.fillChanged)}
            />
          </div>
          <p class="muted">{texts.fillReasons[whatIf.fill]}</p>
          <div class="buttons">
            <button type="button" disabled={!whatIf.canUndo} onClick={whatIf.undo}>
              {texts.undo}
            </button>
            <button
              type="button"
              disabled={!whatIf.strokes.length}
              onClick={() => whatIf.change({ strokes: [] }, texts.paintRemoved)}
            >
              {texts.removePaint}
            </button>
          </div>
          <ErrorMessage>{painting.error}</ErrorMessage>
        </>
      )}
      <p class="contribution-of-region" aria-live="polite">
        {pixels && whatIf.strokes.length > 0 && baseline && current && mood && baseline !== current
          ? texts.regionContribution(
              coverage(pixels, whatIf.strokes),
              moodName(mood),
              baseline.moods[mood] ?? 0,
              current.moods[mood] ?? 0,
              whatIf.tagsOff.size > 0,
            )
          : ""}
      </p>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  options: T[];
  labels: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
}

function Choice<T extends string>({ legend, name, options, labels, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          {labels[option]}
        </label>
      ))}
    </fieldset>
  );
}
