import { defineConfig, type Plugin } from "vite";

// The development server (`npx vite`) forwards requests to a running `imagemood serve`.
const service = "http://127.0.0.1:8887";
const page = "../src/imagemood/serve/static";

/** Write the scripts and styles into index.html, because browsers do not load modules from files. */
const singleFile: Plugin = {
  name: "single-file",
  enforce: "post",
  generateBundle: {
    order: "post", // after the plugins of Vite, which replace placeholders in the scripts
    handler(_, bundle) {
      const html = bundle["index.html"];
      if (html?.type !== "asset") throw new Error("index.html is missing");
      let text = String(html.source);
      for (const [name, output] of Object.entries(bundle)) {
        if (output.type === "chunk") {
          const code = output.code.replaceAll("</script", "<\\/script");
          text = text.replace(tag("script", name), () => `<script type="module">${code}</script>`);
        } else if (name.endsWith(".css")) {
          text = text.replace(tag("link", name), () => `<style>${String(output.source)}</style>`);
        } else continue;
        delete bundle[name];
      }
      html.source = text;
    },
  },
};

/** Make the script of the worker a part of the page, because browsers do not load workers from files. */
const inlineWorker: Plugin = {
  name: "inline-worker",
  enforce: "pre",
  resolveId(source, importer) {
    return source.endsWith("/start-worker.ts") ? this.resolve("./start-worker-inline.ts", importer) : null;
  },
};

const tag = (element: string, file: string) =>
  new RegExp(`<${element}\\b[^>]*"\\./${file.replaceAll(".", "\\.")}"[^>]*>(</${element}>)?`);

export default defineConfig(({ mode }) => ({
  base: "./", // relative URLs, so that the page works under any path prefix
  build: {
    outDir: mode === "standalone" ? `${page}/standalone` : page,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: mode === "standalone" ? false : { polyfill: false },
    assetsInlineLimit: 0,
    ...(mode === "standalone" && { rolldownOptions: { output: { codeSplitting: false } } }),
  },
  worker: { format: "es" },
  plugins: mode === "standalone" ? [inlineWorker, singleFile] : [],
  server: { proxy: { "/v1": service, "/model": service } },
}));
