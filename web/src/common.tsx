// Components that several views use.

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

/** An error message; nothing if there are no children. */
export function ErrorMessage({ children }: { children: ComponentChildren }) {
  return children ? (
    <p class="error" role="alert">
      {children}
    </p>
  ) : null;
}

interface FileButtonProps {
  children: ComponentChildren;
  onFiles: (files: File[]) => void;
  accept?: string;
  isFolder?: boolean;
  isPrimary?: boolean;
}

/** A button that opens the file chooser; a real button, for keyboards and screen readers. */
export function FileButton({ children, onFiles, accept, isFolder, isPrimary }: FileButtonProps) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <button type="button" class={isPrimary ? "primary" : undefined} onClick={() => input.current?.click()}>
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
          event.currentTarget.value = ""; // so that choosing the same file again triggers a change event
          if (files.length) onFiles(files);
        }}
      />
    </>
  );
}

export function download(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
