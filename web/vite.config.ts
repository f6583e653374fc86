import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { compressed } from "./compress";

/* The server hands out desk.html for every /desk/ address and everything else under /static/.
   public.css keeps its name because Django's templates ask for it; all other files carry a hash and may be kept for ever. */
export default defineConfig({
  base: "/static/",
  publicDir: "static",
  plugins: [svelte(), compressed()],
  worker: { format: "es" },
  build: {
    outDir: "../src/riverchief_server/assets",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200, // the map, fetched only when one is shown
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { desk: "desk.html", public: "public/public.css" },
      output: {
        assetFileNames: (file) => (file.names.includes("public.css") ? "public.css" : "assets/[name]-[hash][extname]"),
      },
    },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/media", "/river"].map((path) => [path, "http://127.0.0.1:8000"])),
  },
});
