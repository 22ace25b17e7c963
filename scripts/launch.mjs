// Starts a program of this repository with the repository's own Node (it runs TypeScript as it is), whatever Node of at least 20 began.
// Plain JavaScript, because that older Node reads it.

import { spawn } from "node:child_process"
import module, { createRequire } from "node:module"
import { dirname, join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

/** What was compiled once is not compiled at every start: a command answers in two thirds of the time. Whoever can write there can change the code itself. */
const compileCache = fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url))

/** `name` begins what is said when it cannot be started; `main` is the URL of the program's first module. */
export async function launch(name, main) {
  if (Number.parseInt(process.versions.node, 10) >= 26) {
    module.enableCompileCache(compileCache)
    return void (await import(main.href))
  }
  const node = nodeOfRepository()
  if (node === undefined) {
    process.stderr.write(`${name}: the packages are not installed\n  next: npm ci\n`)
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
  })
  // A terminal sends SIGINT to both processes; the others reach only this one.
  process.on("SIGINT", () => {})
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exit(1)
  })
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function nodeOfRepository() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node")
  } catch {
    return undefined
  }
}
