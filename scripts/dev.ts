// `npm run dev`: a real server and the web app, both of which follow the files. A change of a screen is shown without losing what the
// browser holds; a change of the server restarts it on the same data. Ctrl-C ends both. `PORT` is the page's, 5180 by default; the server
// listens on the next one. Data are in .data/dev: delete the folder for a fresh start, and the browser's site data with it.

import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import process from "node:process"

const root = resolve(import.meta.dirname, "..")
const web = resolve(root, "packages/web")
const port = Number(process.env["PORT"] ?? 5180)
const serverPort = port + 1
const vite = resolve(dirname(createRequire(resolve(web, "package.json")).resolve("vite/package.json")), "bin/vite.js")

const children = [
  run(["--watch", "--watch-preserve-output", resolve(root, "scripts/dev-server.ts")], {
    NODOOR_DATA: process.env["NODOOR_DATA"] ?? resolve(root, ".data/dev"),
    NODOOR_ORIGIN: `localhost:${port}`,
    HOST: "127.0.0.1",
    PORT: String(serverPort),
  }),
  run([vite, "--config", resolve(web, "dev/live.vite.config.ts"), "--clearScreen", "false", "--logLevel", "info"], {
    NODOOR_DEV_SERVER: `http://127.0.0.1:${serverPort}`,
    NODOOR_DEV_PORT: String(port),
  }),
]
process.on("exit", () => children.forEach((child) => child.kill()))
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0))

/** When one of the two ends, the other has nothing to do. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } })
  child.on("exit", (code) => process.exit(code ?? 1))
  return child
}
