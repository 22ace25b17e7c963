#!/usr/bin/env node
// Starts the server with the Node of this repository (it runs TypeScript as it is), whatever Node of at least 20 started this file.

import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import process from "node:process"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

if (Number.parseInt(process.versions.node, 10) >= 26) {
  await import("../src/main.ts")
} else {
  const node = nodeOfRepository()
  if (node === undefined) {
    process.stderr.write("nodoor-server: the packages are not installed\n  next: npm ci\n")
    process.exit(1)
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" })
  // A terminal sends SIGINT to both processes; the others reach only this one.
  process.on("SIGINT", () => {})
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    process.stderr.write(`nodoor-server: ${error.message}\n`)
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
