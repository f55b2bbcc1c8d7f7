import { defineConfig } from "vite";

// While working on the page: `npx vite` shows it, with the answers of `imagemood serve`.
const service = "http://127.0.0.1:8887";

export default defineConfig({
  base: "./", // wherever an operator mounts the service, the page finds its files
  build: {
    outDir: "../src/imagemood/serve/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/v1": service, "/model": service } },
});
