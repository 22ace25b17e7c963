import assert from "node:assert/strict"
import { nodeNetwork } from "@nodoor/client/node-network"
import { mkdtemp, rm } from "node:fs/promises"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout } from "node:timers/promises"
import { formatVerifierKey, noteKey, noteKeyTypes } from "@nodoor/keylog"
import { startServer } from "@nodoor/server"
import { maxAddCheckpointBytes } from "./add-checkpoint.ts"
import { openAudit } from "./audit.ts"
import { crypto, publicKeyOf } from "./crypto.ts"
import { startWitness } from "./witness.ts"

const listen = { host: "127.0.0.1", port: 0 }
const log = formatVerifierKey(
  noteKey(crypto, { name: "chat.example/kt/1", type: noteKeyTypes.ed25519, publicKey: publicKeyOf(crypto.sha256(Buffer.from("log"))) }),
)

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nodoor-http-"))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Sends a path as it is, which fetch would tidy up. */
function raw(url: string, path: string, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, path, method }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on("error", reject)
      .end()
  })
}

test("a witness on a socket has one path, takes small bodies and goes on after everything else", async (t) => {
  const witness = await startWitness({ dir: await folder(t), name: "witness.example/w", log: [log], listen }, () => {})
  t.after(() => witness.close())
  const post = async (path: string, body: string | ReadableStream): Promise<number> => {
    const response = await fetch(`${witness.url}${path}`, { method: "POST", body, duplex: "half" })
    await response.arrayBuffer()
    return response.status
  }
  assert.equal(await raw(witness.url, "/"), 404)
  assert.equal(await raw(witness.url, "/key"), 404)
  assert.equal(await raw(witness.url, "/add-checkpoint"), 405)
  assert.equal(await raw(witness.url, "/add-checkpoint", "PUT"), 405)
  assert.equal(await post("/add-checkpoint", "old 0\n\nnonsense\n"), 400)
  assert.equal(await post("/add-checkpoint?x=y", ""), 400)
  // The connection may be cut before the answer is read.
  const status = await post("/add-checkpoint", "x".repeat(maxAddCheckpointBytes + 1)).catch(() => 413)
  assert.equal(status, 413)
  let sent = 0
  const endless = new ReadableStream({
    pull: async (controller) => {
      await setTimeout(1)
      sent += 8192
      controller.enqueue(new Uint8Array(8192))
    },
  })
  await post("/add-checkpoint", endless).catch(() => 413)
  assert.ok(sent < 8 * 1024 * 1024, "an endless body is cut off")
  assert.equal(await post("/add-checkpoint", "old 0\n\nnonsense\n"), 400)
})

test("an auditor serves its mirror and nothing else of its folder", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "nodoor-http-"))
  const server = await startServer({ dataDir, log: () => {} })
  t.after(async () => {
    await server.stop()
    await rm(dataDir, { recursive: true })
  })
  const audit = await openAudit(server.url, { dir: await folder(t), name: "auditor.example/a", listen, network: async () => nodeNetwork() })
  t.after(() => audit.close())
  const url = audit.url as string
  assert.equal(await raw(url, "/checkpoint"), 404, "nothing was audited yet")
  const { size } = await audit.round(Date.now())
  for (const path of ["/checkpoint", "/delta/0", `/tile/0/000.p/${size}`, `/tile/entries/000.p/${size}`]) {
    assert.equal(await raw(url, path), 200, path)
  }
  const none = [
    "/",
    "/key",
    "/../key",
    "/delta/../../key",
    "/delta/00",
    "/delta/0/",
    "/delta",
    "/tile",
    "/tile/0",
    "/tile/0/../0/000.p/3",
    "/%2e%2e/key",
  ]
  for (const path of none) assert.equal(await raw(url, path), 404, path)
  assert.equal(await raw(url, "/checkpoint", "POST"), 405)
  assert.equal(await raw(url, "/checkpoint", "HEAD"), 200)
})
