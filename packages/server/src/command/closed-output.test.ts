import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, openSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"

const directory = mkdtempSync(join(tmpdir(), "nodoor-output-"))
const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill("SIGKILL")
  rmSync(directory, { recursive: true })
})

type Closed = "stdout" | "stderr" | "both"
const closings: readonly Closed[] = ["stdout", "both"]

/** A process whose output nobody reads: the reading end is closed before it writes. */
function run(words: readonly string[], { closed, port }: { readonly closed: Closed; readonly port?: number }): ChildProcess {
  const environment = { PATH: process.env["PATH"], NODOOR_DATA: mkdtempSync(join(directory, "data-")), PORT: String(port ?? 0) }
  const child = spawn(process.execPath, [...words], { env: environment, stdio: ["ignore", "pipe", "pipe"] })
  children.add(child)
  for (const name of ["stdout", "stderr"] as const) {
    if (closed === name || closed === "both") child[name]?.destroy()
    else child[name]?.resume()
  }
  return child
}

const ended = (child: ChildProcess): Promise<number | string | null> =>
  new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)))
const main = join(import.meta.dirname, "../main.ts")

for (const closed of closings) {
  test(`a server whose ${closed === "both" ? "outputs were" : `${closed} was`} closed goes on serving, and stops cleanly when asked`, async () => {
    const port = await freePort()
    const child = run([main, "start"], { closed, port })
    const end = ended(child)
    await answers(port)
    // What it says at the start comes after it answers.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await answers(port)
    child.kill("SIGINT")
    assert.equal(await end, 0)
  })
}

test("a command whose reader went away ends quietly; one whose results cannot be written says so by its exit code", async () => {
  assert.equal(await ended(run([main, "config", "example"], { closed: "stdout" })), 0)
  assert.equal(await ended(run([main, "no-such-command"], { closed: "both" })), 2)
  const full = spawn(process.execPath, [main, "config", "example"], { stdio: ["ignore", openSync("/dev/full", "w"), "ignore"] })
  children.add(full)
  assert.equal(await ended(full), 1)
})

test("lines of the log that nobody can read are dropped", async () => {
  const logging = `const { createLog } = await import(${JSON.stringify(join(import.meta.dirname, "../core/logger.ts"))})
const log = createLog()
for (let i = 0; i < 20; i++) { log("warn", "sweep_failed"); await new Promise((resolve) => setTimeout(resolve, 5)) }`
  assert.equal(await ended(run(["--input-type=module", "-e", logging], { closed: "stderr" })), 0)
  const full = spawn(process.execPath, ["--input-type=module", "-e", logging], { stdio: ["ignore", "ignore", openSync("/dev/full", "w")] })
  children.add(full)
  assert.equal(await ended(full), 0)
})

async function answers(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const status = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (answer) => answer.status,
      () => undefined,
    )
    if (status === 200) return
    assert.ok(tries < 200, "it never answers")
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
