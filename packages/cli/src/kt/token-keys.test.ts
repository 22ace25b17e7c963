import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { defaultLogSettings, startServer } from "@nodoor/server"
import { decodeMessage, decodeTokenKey, encodeMessage, encodeTokenKey, tokenKeys } from "@nodoor/wire"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

const { run } = scriptedTerminal(new ScriptedDevice())

/** The server, but with a key of the adversary's making for whoever asks here. */
async function withOtherKey(url: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      void (async () => {
        const method = request.method ?? "GET"
        const sent = { method, headers: { "Content-Type": "application/cbor" }, ...(method === "POST" && { body: Buffer.concat(chunks) }) }
        const answer = await fetch(`${url}${request.url ?? ""}`, sent)
        let body: Uint8Array = new Uint8Array(await answer.arrayBuffer())
        if (request.url === tokenKeys.path) {
          const { keys } = decodeMessage(tokenKeys.answer, body, tokenKeys.maxAnswerBytes)
          body = encodeMessage({ keys: keys.map((one) => ({ ...one, key: otherKey(one.key) })) })
        }
        response.writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") ?? "" }).end(body)
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

/** A key that differs in one bit. */
function otherKey(key: Uint8Array): Uint8Array {
  const modulus = decodeTokenKey(key).slice()
  modulus[100] = (modulus[100] as number) ^ 1
  return encodeTokenKey(modulus)
}

test("the keys for tokens are those of the log for whoever asks; a server that gives somebody another one is found out", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "nodoor-kt-"))
  const server = await startServer({ dataDir, log: () => {}, config: { log: { ...defaultLogSettings, epochMs: 100 } } })
  t.after(async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const [own] = await server.store.tokenKeys({})
  assert.ok(own)
  for (let tries = 0; (await server.keyLog.tokenKey(own.epoch)) === undefined; tries++) {
    assert.ok(tries < 200, "the key comes into the log")
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const shown = await run(["kt", "token-keys", server.url, "--json", "--pin", server.keyLog.pin])
  assert.equal(shown.code, 0, shown.talk)
  const facts = JSON.parse(shown.out[0] ?? "") as Record<string, unknown>
  assert.deepEqual([facts["epoch"], facts["pin"]], [own.epoch, server.keyLog.pin])
  assert.match((await run(["kt", "token-keys", server.url])).out.join("\n"), /epoch +\d+\n *from +\d{4}-\d{2}-\d{2}\n *key +[0-9a-f]{64}/)
  const other = await withOtherKey(server.url)
  t.after(other.close)
  const found = await run(["kt", "token-keys", other.url])
  assert.equal(found.code, 4, found.talk)
  assert.match(found.talk, /another key than everybody/)
})
