// Files and addresses that are dropped or pasted anywhere on the page.

import { useEffect, useState } from "preact/hooks";

import { filesFromDrop } from "./pictures.ts";

interface Handlers {
  onFiles: (files: File[]) => void;
  onAddress: (address: string) => void;
}

/** Handle what is dropped or pasted on the page. Return whether something is being dragged over it. */
export function useDropAndPaste({ onFiles, onAddress }: Handlers): boolean {
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    let isOwn = false; // a picture or a link of this page is being dragged
    const hasFiles = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes("Files"));
    const isHandled = (event: DragEvent) => !isOwn && (hasFiles(event) || event.dataTransfer?.types.includes("text/uri-list"));
    // Elements with data-drop handle dropped files themselves.
    const isElsewhere = (event: DragEvent) => event.target instanceof Element && event.target.closest("[data-drop]");
    const onDragStart = () => void (isOwn = true);
    const onDragEnd = () => void (isOwn = false);
    const onDragOver = (event: DragEvent) => {
      if (!isHandled(event)) return;
      event.preventDefault(); // otherwise the browser leaves the page and opens the file
      setIsDragging(!isElsewhere(event));
    };
    const onDragLeave = (event: DragEvent) => {
      if (!event.relatedTarget) setIsDragging(false);
    };
    const onDrop = (event: DragEvent) => {
      setIsDragging(false);
      if (!isHandled(event) || !event.dataTransfer) return;
      event.preventDefault();
      if (isElsewhere(event)) return;
      const address = droppedAddress(event.dataTransfer);
      if (hasFiles(event)) void filesFromDrop(event.dataTransfer).then(onFiles);
      else if (address) onAddress(address);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      const isTyping = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]");
      const address = parsePictureAddress(event.clipboardData?.getData("text/plain") ?? "");
      if (files.length) onFiles(files);
      else if (address && !isTyping) onAddress(address);
    };
    const listeners = {
      dragstart: onDragStart,
      dragend: onDragEnd,
      dragover: onDragOver,
      dragleave: onDragLeave,
      drop: onDrop,
      paste: onPaste,
    };
    const entries = Object.entries(listeners) as [string, EventListener][];
    for (const [type, listener] of entries) document.addEventListener(type, listener);
    return () => {
      for (const [type, listener] of entries) document.removeEventListener(type, listener);
    };
  }, [onFiles, onAddress]);
  return isDragging;
}

/** Return the address of a picture from another page: that of the picture itself rather than of a link around it. */
function droppedAddress(transfer: DataTransfer): string | undefined {
  const html = new DOMParser().parseFromString(transfer.getData("text/html"), "text/html");
  const [first] = transfer
    .getData("text/uri-list")
    .split(/\r?\n/)
    .filter((line) => line && !line.startsWith("#"));
  return parsePictureAddress(html.querySelector("img")?.getAttribute("src") ?? "") ?? parsePictureAddress(first ?? "");
}

/** Return a text if it is the address of a picture, over HTTP or with the picture as data, or undefined. */
export function parsePictureAddress(text: string): string | undefined {
  const address = text.trim();
  const isAddress = /^(https?:\/\/|data:image\/)\S+$/i.test(address) && URL.canParse(address);
  return isAddress ? address : undefined;
}
