import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { test } from "node:test"
import { fromUtf8, toHex } from "@nodoor/bytes"
import { newKnownGroup } from "../fixtures/delivery-member.ts"
import { random } from "../fixtures/device.ts"
import { openDeliveryStoreThread } from "./store/sqlite/thread.ts"

const writer = join(import.meta.dirname, "../fixtures/delivery-writer.ts")

/** Lines of the writer until it was killed in the middle of its work, after `lines` of them. */
function killedAfter(lines: number, args: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, ...args], { stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString()
      if (text.split("\n").length > lines) child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("exit", () => resolve(text.split("\n").slice(0, -1)))
  })
}

test("of what was told as placed, nothing is lost when the process is killed, however often", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-kill-"))
  const { groupId, deliveryKey } = newKnownGroup()
  const args = [directory, toHex(random(32)), toHex(deliveryKey), toHex(groupId)]
  const told = new Map<number, string>()
  for (const lines of [1, 300, 1_500]) {
    for (const line of await killedAfter(lines, args)) {
      const [ref, order] = line.split(" ").map(Number)
      // Each run posts the same bodies again: what was placed before keeps its place.
      const body = `post ${ref}`
      assert.ok((told.get(order ?? -1) ?? body) === body, "one order, one body")
      told.set(order ?? -1, body)
    }
    const paths = { database: `${directory}/delivery.db`, segments: `${directory}/delivery` }
    const store = await openDeliveryStoreThread(paths, { log: () => {} })
    const bodies = await store.readBodies({ groupId, after: 0, through: 1e9, maxRecords: 1e6, maxBytes: 1e9 })
    const texts = new Map(bodies.map(({ order, body }) => [order, fromUtf8(body).replaceAll("\0", "")]))
    for (const [order, body] of told) assert.equal(texts.get(order), body)
    assert.deepEqual(
      [...texts.keys()],
      [...texts.keys()].map((_, at) => at + 1),
      "no gap and no repetition",
    )
    assert.equal(new Set(texts.values()).size, texts.size, "nothing was placed twice")
    await store.close()
  }
  assert.ok(told.size >= 1_500)
  rmSync(directory, { recursive: true })
})
