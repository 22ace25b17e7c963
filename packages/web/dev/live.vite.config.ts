// The app as people use it, with changes shown as they are saved: `npm run dev` starts this beside a real server. The device, its keys and
// its store in this browser are real too, so that they outlive a change of a screen.
//
// The headers are the running server's own, with one opening in the policy: Vite puts styles into <style> elements, which the policy of
// the built app forbids. Nothing here is part of the built app, which starts at ../vite.config.ts.

import process from "node:process"
import { fileURLToPath } from "node:url"
import { type Plugin, type UserConfig, defineConfig, mergeConfig } from "vite"
import shipped from "../vite.config.ts"

const repository = fileURLToPath(new URL("../../..", import.meta.url))
/** Where the server listens, and the port of the page; `npm run dev` says both. */
const server = process.env["NODOOR_DEV_SERVER"] ?? "http://127.0.0.1:5181"
const port = Number(process.env["NODOOR_DEV_PORT"] ?? 5180)

/**
 * Draws the app anew when a module of it changes, and keeps the host, with its worker and store. A change of the host itself, or of anything
 * in the worker, reloads the page.
 */
const keepHost: Plugin = {
  name: "nodoor-keep-host",
  transform(code, id) {
    if (!id.endsWith("/packages/web/src/main.tsx")) return undefined
    return `import { createBrowserHost } from "./host/browser-host.ts"
import { start } from "./start.tsx"
const host = createBrowserHost()
start(() => host)
import.meta.hot.accept("./start.tsx", (next) => next?.start(() => host))
`
  },
}

/** What the server sends with a page, read from it once. */
let headers: Promise<Headers> | undefined

const serverHeaders: Plugin = {
  name: "nodoor-server-headers",
  configureServer({ middlewares }) {
    middlewares.use(async (request, response, next) => {
      if (/^\/operator(?:[/?]|$)/.test(request.url ?? "")) request.url = "/operator.html"
      headers ??= fetch(`${server}/healthz`, { headers: { host: `localhost:${port}` } }).then((answer) => answer.headers)
      const sent = await headers.catch(() => undefined)
      if (sent === undefined) headers = undefined
      for (const name of ["cross-origin-opener-policy", "cross-origin-embedder-policy", "cross-origin-resource-policy", "referrer-policy"])
        if (sent?.has(name) === true) response.setHeader(name, sent.get(name) ?? "")
      const policy = sent?.get("content-security-policy")
      if (policy != null)
        response.setHeader("content-security-policy", policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"))
      next()
    })
  },
}

const config: UserConfig = mergeConfig(
  shipped,
  defineConfig({
    cacheDir: "../../node_modules/.vite-web-live",
    plugins: [keepHost, serverHeaders],
    // What it has of WebAssembly lies beside its modules, where a bundle of them would not find it.
    optimizeDeps: { exclude: ["@journeyapps/wa-sqlite"] },
    server: {
      port,
      strictPort: true,
      host: "localhost",
      fs: { allow: [repository] },
      proxy: {
        "^/v1/": { target: server, ws: true },
        "^/(kt|canary)/": { target: server },
        "^/(canary\\.json|transparency|transparency\\.css|transparency\\.json|healthz|readyz|metrics)$": { target: server },
      },
    },
  }),
)

export default config
