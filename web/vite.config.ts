import { defineConfig } from "vite";

// The development server (`npx vite`) forwards requests to a running `imagemood serve`.
const service = "http://127.0.0.1:8887";

export default defineConfig({
  base: "./", // relative URLs, so that the page works under any path prefix
  build: {
    outDir: "../src/imagemood/serve/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/v1": service, "/model": service } },
});
