import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { after, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { blobDownloadPath, blobHeaders, blobUploadPath } from "@nodoor/wire/delivery"
import { random } from "../../fixtures/device.ts"

const program = join(import.meta.dirname, "../../fixtures/blob-server.ts")
const folder = mkdtempSync(join(tmpdir(), "nodoor-blob-kill-"))
const started: ChildProcess[] = []
after(() => {
  for (const child of started) child.kill("SIGKILL")
  rmSync(folder, { recursive: true })
})

async function start(): Promise<{ readonly url: string; readonly pass: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] })
  started.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()))
    child.once("exit", reject)
  })
  const [url = "", pass = ""] = line.trim().split(" ")
  return { url, pass, child }
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
}

/** Sends bytes in small parts, and kills the server in the middle of them. */
function patchUntilKilled(url: string, headers: Record<string, string>, body: Uint8Array, kill: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(`${url}${blobUploadPath}`, { method: "PATCH", headers: { ...headers, "content-length": String(body.length) } })
    sent.on("error", () => resolve())
    sent.on("response", (answer) => answer.resume().on("end", resolve))
    let at = 0
    const next = (): void => {
      if (at >= body.length / 2) return void kill().then(resolve)
      sent.write(body.subarray(at, (at += 65_536)), next)
    }
    next()
  })
}

test("an upload goes on after the server was killed in the middle of it, however often, and what was answered for is there", async () => {
  const content = random(20 * 1024 * 1024)
  const [id, secret] = [toBase64Url(random(32)), toBase64Url(random(32))]
  const named = { [blobHeaders.id]: id, [blobHeaders.secret]: secret, [blobHeaders.tus]: "1.0.0" }
  const chunk = { ...named, "content-type": "application/offset+octet-stream" }
  let { url, pass, child } = await start()
  const create = { ...named, [blobHeaders.pass]: pass, [blobHeaders.length]: String(content.length), [blobHeaders.keepDays]: "30" }
  assert.equal((await fetch(`${url}${blobUploadPath}`, { method: "POST", headers: create })).status, 201)
  const progress = async (): Promise<number> => {
    const answer = await fetch(`${url}${blobUploadPath}`, { method: "HEAD", headers: named })
    assert.equal(answer.status, 200)
    return Number(answer.headers.get(blobHeaders.offset))
  }
  let answeredFor = 0
  for (let times = 0; times < 3; times++) {
    const part = content.slice(answeredFor, answeredFor + 1_000_000)
    const headers = { ...chunk, [blobHeaders.offset]: String(answeredFor) }
    assert.equal((await fetch(`${url}${blobUploadPath}`, { method: "PATCH", headers, body: part })).status, 204)
    answeredFor += part.length
    const rest = { ...chunk, [blobHeaders.offset]: String(answeredFor) }
    await patchUntilKilled(url, rest, content.subarray(answeredFor), () => killed(child))
    ;({ url, pass, child } = await start())
    const offset = await progress()
    assert.ok(offset >= answeredFor, `${offset} of ${answeredFor} that were answered for`)
    answeredFor = offset
  }
  const headers = { ...chunk, [blobHeaders.offset]: String(answeredFor) }
  assert.equal((await fetch(`${url}${blobUploadPath}`, { method: "PATCH", headers, body: content.slice(answeredFor) })).status, 204)
  await killed(child)
  ;({ url, child } = await start())
  const read = await fetch(`${url}${blobDownloadPath}`, { headers: { [blobHeaders.id]: id } })
  assert.ok(Buffer.from(await read.arrayBuffer()).equals(content))
  assert.equal(readdirSync(join(folder, "blobs")).length, 1)
})
