// What every store of files does, in memory and on a disk. In a browser the end-to-end tests run it.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import type { Files } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { memoryFiles } from "./memory-files.ts"
import { nodeFiles } from "./node-files.ts"

const name = "0123456789abcdef0123456789abcdef"

async function contract(files: Files): Promise<void> {
  assert.deepEqual(await files.list(), [])
  const file = await files.open(name)
  assert.equal(await file.sizeBytes(), 0)
  assert.deepEqual(await file.read(0, 10), new Uint8Array())
  await file.write(4, Uint8Array.of(5, 6))
  await file.write(0, Uint8Array.of(1))
  await file.flush()
  assert.deepEqual(await file.read(0, 100), Uint8Array.of(1, 0, 0, 0, 5, 6))
  const again = await files.open(name)
  assert.deepEqual(await again.read(5, 1), Uint8Array.of(6))
  assert.equal(await again.sizeBytes(), 6)
  await again.close()
  await file.close()
  assert.deepEqual(await files.list(), [name])
  await files.delete(name)
  await files.delete(name)
  assert.deepEqual(await files.list(), [])
}

test("A store of files in memory keeps what was written where it was written", () => contract(memoryFiles()))

test("A store of files on a disk does the same, for its owner's eyes only, and says when it cannot", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-files-"))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  await contract(nodeFiles(join(folder, "files")))
  const file = await nodeFiles(join(folder, "files")).open(name)
  await file.close()
  assert.equal(statSync(join(folder, "files")).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, "files", name)).mode & 0o777, 0o600)
  await assert.rejects(nodeFiles(join(folder, "files", name)).open(name), StoreError)
})
