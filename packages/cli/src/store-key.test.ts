import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { CliError } from "./cli-error.ts"
import { readSealed, writeSealed } from "./sealed-file.ts"
import { makeStoreKey, readStoreKey } from "./store-key.ts"

const refused = (code: string) => (error: unknown) => error instanceof CliError && error.code === code

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nodoor-key-"))
  t.after(() => rm(path, { recursive: true }))
  return path
}

test("without a keyring the key is a file of 32 bytes that only its owner reads, and is read back", async (t) => {
  const path = await folder(t)
  const { key, place } = await makeStoreKey(path, { keyring: false })
  const file = await stat(join(path, "store.key"))
  assert.deepEqual([place, key.length, file.size, file.mode & 0o777], [{ kind: "file" }, 32, 32, 0o600])
  assert.deepEqual(Buffer.from(await readStoreKey(path, place)), Buffer.from(key))
})

test("a key file that is gone or cut off is told as such, and is never replaced", async (t) => {
  const path = await folder(t)
  await assert.rejects(readStoreKey(path, { kind: "file" }), refused("profile_damaged"))
  await makeStoreKey(path, { keyring: false })
  await assert.rejects(makeStoreKey(path, { keyring: false }))
  await truncate(join(path, "store.key"), 31)
  await assert.rejects(readStoreKey(path, { kind: "file" }), refused("profile_damaged"))
})

test("a sealed file is read back with its key only, and a changed byte is refused", async (t) => {
  const path = join(await folder(t), "received")
  const key = new Uint8Array(32).fill(7)
  assert.equal(await readSealed(path, key), undefined)
  await writeSealed(path, key, "first")
  await writeSealed(path, key, "second: a chat's id")
  assert.equal(await readSealed(path, key), "second: a chat's id")
  const sealed = await readFile(path)
  assert.equal(sealed.includes("chat"), false)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  await assert.rejects(readSealed(path, new Uint8Array(32)), refused("profile_damaged"))
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i] = (changed[i] as number) ^ 1
    await writeFile(path, changed)
    await assert.rejects(readSealed(path, key), refused("profile_damaged"))
  }
  await writeFile(path, sealed.subarray(0, 10))
  await assert.rejects(readSealed(path, key), refused("profile_damaged"))
})
