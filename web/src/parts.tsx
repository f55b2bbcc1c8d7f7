// Small parts that several views share.

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

/** An error, said where it happens. */
export function Trouble({ children }: { children: ComponentChildren }) {
  return children ? (
    <p class="trouble" role="alert">
      {children}
    </p>
  ) : null;
}

interface FileButtonProps {
  children: ComponentChildren;
  onFiles: (files: File[]) => void;
  accept?: string;
  isFolder?: boolean;
  isMain?: boolean;
}

/** A real button, which keyboards and screen readers know, in front of the browser's file chooser. */
export function FileButton({ children, onFiles, accept, isFolder, isMain }: FileButtonProps) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <button type="button" class={isMain ? "main" : undefined} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={(element) => {
          input.current = element;
          if (element) element.webkitdirectory = Boolean(isFolder);
        }}
        type="file"
        hidden
        multiple
        accept={accept}
        onChange={(event) => {
          const files = Array.from(event.currentTarget.files ?? []);
          event.currentTarget.value = ""; // so that choosing the same file again is a change
          if (files.length) onFiles(files);
        }}
      />
    </>
  );
}

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
