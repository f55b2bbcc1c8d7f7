// Drawing of vector graphics, which only the browser can do: the service classifies pixels.

const SIDE_PX = 1024;

export const isVectorGraphic = (file: Blob): boolean => file.type.startsWith("image/svg");

/** Return an SVG picture in pixels, on white. Scripts and files that it refers to are not loaded. */
export async function rasterize(file: Blob): Promise<Blob> {
  const source = withSize(await text(file));
  const url = URL.createObjectURL(new Blob([source], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = SIDE_PX / Math.max(image.naturalWidth, image.naturalHeight, 1);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(scale * image.naturalWidth));
    canvas.height = Math.max(1, Math.round(scale * image.naturalHeight));
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error())), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Give a picture without a size of its own that of its coordinates: browsers would draw it at different sizes. It is not
 * parsed, since the policy of the page would not allow its styles.
 */
function withSize(source: string): string {
  const [tag = ""] = /<svg\b[^>]*/.exec(source) ?? [];
  const [, width, height] = /\sviewBox\s*=\s*["'][\s,]*[-\d.e]+[\s,]+[-\d.e]+[\s,]+([\d.e]+)[\s,]+([\d.e]+)/.exec(tag) ?? [];
  const hasSize = /\swidth\s*=/.test(tag) && /\sheight\s*=/.test(tag);
  if (!width || !height || hasSize) return source;
  const others = tag.replace(/\s(width|height)\s*=\s*("[^"]*"|'[^']*')/g, "");
  return source.replace(tag, () => `${others} width="${width}" height="${height}"`);
}

/** Read a text that may be compressed (.svgz). */
async function text(file: Blob): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isCompressed = first === 0x1f && second === 0x8b;
  const stream = isCompressed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  return new Response(stream).text();
}
