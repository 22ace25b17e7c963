// The shipped bundle. Nothing of the moment or the place of the build enters it: no dates, no environment, no commit, so that two
// builds of the same tree give the same bytes and anybody can compare what a server sends with what the source says.

import { fileURLToPath } from "node:url"
import { type UserConfig, defineConfig } from "vite"

const root: string = fileURLToPath(new URL(".", import.meta.url))

/** How long the bundler's own parts took is nothing to somebody who starts a server. */
const quiet = { pluginTimings: false }

const config: UserConfig = defineConfig({
  root,
  base: "/",
  envDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  css: { modules: { generateScopedName: "[name]-[local]" } },
  worker: { format: "es", rolldownOptions: { checks: quiet } },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    // A data: URL would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Two pages: the messenger, and the operator's console. They share parts, and neither loads what only the other needs.
    rolldownOptions: { checks: quiet, input: { index: `${root}index.html`, operator: `${root}operator.html` } },
    sourcemap: false,
  },
})

export default config
