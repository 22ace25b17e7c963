// `npm run scenes`: every screen in every state on an in-memory device, for looking at and for accessibility checks. The address chooses the
// scene: http://localhost:5199/?scene=offline; scene-host.ts lists them. Not part of what is built: that starts at ../index.html and reaches
// nothing in this folder.

import { fileURLToPath } from "node:url"
import { type UserConfig, defineConfig, mergeConfig } from "vite"
import shipped from "../vite.config.ts"

const root: string = fileURLToPath(new URL(".", import.meta.url))

const config: UserConfig = mergeConfig(
  shipped,
  defineConfig({
    root,
    cacheDir: "../../../node_modules/.vite-web-dev",
    server: { port: 5199, strictPort: true, fs: { allow: [fileURLToPath(new URL("../../..", import.meta.url))] } },
    build: {
      outDir: "../../../.data/web-dev",
      rolldownOptions: { input: { index: `${root}index.html`, operator: `${root}operator.html` } },
    },
  }),
)

export default config
