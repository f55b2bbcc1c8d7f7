import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

interface TabsProps<Name extends string> {
  label: string;
  titles: Record<Name, string>;
  selected: Name;
  onSelect: (name: Name) => void;
  children: ComponentChildren;
}

/** Tabs and the panel of the selected one. The arrow keys, Home and End select another tab. */
export function Tabs<Name extends string>({ label, titles, selected, onSelect, children }: TabsProps<Name>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const names = Object.keys(titles) as Name[];
  const onKeyDown = (event: KeyboardEvent) => {
    const current = names.indexOf(selected);
    const forward = getComputedStyle(list.current!).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const steps: Record<string, number> = { [forward]: current + 1, [backward]: current - 1, Home: 0, End: -1 };
    const index = steps[event.key];
    if (index === undefined) return;
    event.preventDefault();
    const name = names.at(index % names.length)!;
    onSelect(name);
    list.current!.querySelector<HTMLElement>(`[data-tab="${name}"]`)?.focus();
  };
  return (
    <>
      <div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            data-tab={name}
            aria-selected={name === selected}
            aria-controls={`${id}-panel`}
            tabIndex={name === selected ? 0 : -1}
            onClick={() => onSelect(name)}
          >
            {titles[name]}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`}>
        {children}
      </div>
    </>
  );
}
