import { ClientError } from "@nodoor/client"
import { encodeMessage } from "@nodoor/wire"
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { PassThrough } from "node:stream"
import { test } from "node:test"
import { CliError } from "./cli-error.ts"
import { explain } from "./exit-code.ts"
import { type Terminal, nodeTerminal } from "./terminal.ts"

/** Clears the screen, names the window, hides what follows, moves up a line, turns the direction around, and breaks the line. */
const steering = "\u001b[2J\u001b]0;PWNED\u0007\u001b[8m\u009b1A\u202e\u2066\u007f\r\nnodoor: all is well"
const steers = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u

function onPipes({ colour = false } = {}): { readonly terminal: Terminal; readonly written: () => string } {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  if (colour) Object.assign(stdout, { isTTY: true })
  const chunks: Buffer[] = []
  for (const stream of [stdout, stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk))
  const terminal = nodeTerminal({ stdout, stderr, stdin } as unknown as NodeJS.Process)
  return { terminal, written: () => Buffer.concat(chunks).toString() }
}

/** Runs the program itself; resolves with all that it wrote. */
async function nodoor(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const main = resolve(import.meta.dirname, "main.ts")
  const child = spawn(process.execPath, [main, ...words], { env: { ...process.env, NODOOR_KEYRING: "off", ...env } })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk))
  await once(child, "close")
  return Buffer.concat(chunks).toString()
}

test("whatever a command prints or says, nothing of it steers the terminal", async () => {
  const { terminal, written } = onPipes()
  await terminal.print(steering)
  terminal.talk(steering)
  assert.doesNotMatch(written(), steers)
  assert.match(written(), /^\\u001b\[2J\\u001b\]0;PWNED\\u0007\\u001b\[8m\\u009b1A\\u202e\\u2066\\u007f\\u000d\n/)
})

test("an error says in one line what others may have worded, and so is its next command", () => {
  const errors = [
    new ClientError("handle_taken", steering),
    new CliError("usage", steering, { next: steering }),
    Object.assign(new Error(steering), { syscall: "open" }),
  ]
  for (const error of errors) assert.doesNotMatch(explain(error), /\nnodoor: |(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  assert.doesNotMatch(explain(new TypeError(steering)), /\nnodoor: all|(?!\n)[\p{Cc}\p{Bidi_Control}]/u, "a bug, with its stack")
})

test("a server, a log, a file name and an argument steer no terminal in any command that shows them", async (t) => {
  const server = createServer((request, response) => {
    request.resume()
    const cbor = request.method === "POST"
    response.writeHead(409, { "content-type": cbor ? "application/cbor" : "text/plain" })
    response.end(cbor ? encodeMessage({ code: "handle_taken", message: steering.slice(0, 200) }) : steering)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const folder = mkdtempSync(join(tmpdir(), "nodoor-steering-"))
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const profile = join(folder, steering)
  const commands = [
    ["register", "--server", url, "--handle", "alice", "--name", "A", "--profile", profile],
    ["whoami", "--profile", profile],
    ["kt", "checkpoint", url],
    ["kt", "verify-evidence", join(folder, steering)],
    [steering],
    ["chats", `--${steering}`],
  ]
  const all = await Promise.all(commands.map((words) => nodoor(words)))
  for (const [at, written] of all.entries()) {
    assert.doesNotMatch(written, steers, JSON.stringify(commands[at]))
    assert.notEqual(written, "")
  }
})

test("a QR code is coloured on a terminal and plain in a pipe, and fits 80 columns", async () => {
  const content = `https://chat.example.org/@${"x".repeat(150)}`
  const [pipe, terminal] = [onPipes(), onPipes({ colour: true })]
  await pipe.terminal.printQr(content)
  await terminal.terminal.printQr(content)
  assert.doesNotMatch(pipe.written(), steers)
  assert.ok(terminal.written().startsWith("\u001b[30;107m"))
  assert.ok(
    pipe
      .written()
      .split("\n")
      .every((line) => line.length <= 80),
  )
})

test("a command whose talk nobody reads ends with its own exit code", async () => {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "main.ts"), "no-such-command"], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  child.stderr.destroy()
  assert.equal(await new Promise((settle) => child.on("exit", settle)), 2)
})
