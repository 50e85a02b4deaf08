import { defineConfig } from "vite";

// Relative links, so that `dist` can be served from any directory.
export default defineConfig({ base: "./" });
