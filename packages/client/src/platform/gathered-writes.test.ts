import assert from "node:assert/strict"
import { test } from "node:test"
import { withGatheredWrites } from "./gathered-writes.ts"
import type { Files } from "./mirrored-files.ts"

/** One file in memory, and every call that reaches it. */
function world(): { readonly files: Files; readonly calls: string[]; readonly bytes: () => number[]; failing: number } {
  let content = new Uint8Array(0)
  const calls: string[] = []
  const state = { failing: 0 }
  const files: Files = {
    jOpen: () => 0,
    jClose: () => note("close"),
    jRead(_file, into, at) {
      into.subarray().set(content.subarray(at, at + into.byteLength))
      return note("read")
    },
    jWrite(_file, from, at) {
      if (state.failing !== 0) return state.failing
      const bytes = from.subarray()
      const grown = new Uint8Array(Math.max(content.length, at + bytes.length))
      grown.set(content)
      grown.set(bytes, at)
      content = grown
      return note(`write ${at}+${bytes.length}`)
    },
    jTruncate(_file, sizeBytes) {
      content = content.slice(0, sizeBytes)
      return note("truncate")
    },
    jFileSize(_file, out) {
      out.setBigInt64(0, BigInt(content.length), true)
      return note("size")
    },
    jDelete: () => note("delete"),
    jSync: () => note("sync"),
    close: () => note("end"),
  }
  function note(call: string): number {
    calls.push(call)
    return 0
  }
  return {
    files: withGatheredWrites(files),
    calls,
    bytes: () => [...content],
    set failing(code: number) {
      state.failing = code
    },
  }
}

test("Writes that follow one another reach the file as one, before it is made durable", () => {
  const { files, calls, bytes } = world()
  const page = new Uint8Array([1, 2, 3])
  assert.deepEqual([files.jWrite(1, page, 0), files.jWrite(1, new Uint8Array([4]), 3)], [0, 0])
  // SQLite uses its buffer again at once.
  page.fill(9)
  assert.deepEqual(calls, [])
  files.jSync(1, 2)
  assert.deepEqual(
    [calls, bytes()],
    [
      ["write 0+4", "sync"],
      [1, 2, 3, 4],
    ],
  )
})

test("A write at another place, and everything that looks at the file, comes after what was gathered", () => {
  const { files, calls, bytes } = world()
  files.jWrite(1, new Uint8Array([1, 2]), 0)
  files.jWrite(1, new Uint8Array([7]), 0)
  const read = new Uint8Array(2)
  files.jRead(1, read, 0)
  assert.deepEqual(
    [[...read], calls],
    [
      [7, 2],
      ["write 0+2", "write 0+1", "read"],
    ],
  )
  const looks: readonly [string, () => unknown][] = [
    ["size", () => files.jFileSize(1, new DataView(new ArrayBuffer(8)))],
    ["truncate", () => files.jTruncate(1, 1)],
    ["close", () => files.jClose(1)],
    ["delete", () => files.jDelete("other", 0)],
  ]
  for (const [call, look] of looks) {
    calls.length = 0
    files.jWrite(1, new Uint8Array([5]), 1)
    look()
    assert.deepEqual(calls, ["write 1+1", call])
  }
  assert.deepEqual(bytes(), [7, 5])
})

test("No more than a megabyte is held back", () => {
  const { files, calls } = world()
  const step = new Uint8Array(400 << 10)
  for (let i = 0; i < 3; i++) files.jWrite(1, step, i * step.length)
  assert.deepEqual(calls, [`write 0+${2 * step.length}`])
})

test("A write that fails is told by every call until it can be written, and nothing is made durable meanwhile", () => {
  const disk = world()
  disk.files.jWrite(1, new Uint8Array([1]), 0)
  disk.failing = 13
  const codes = [
    disk.files.jFileSize(1, new DataView(new ArrayBuffer(8))),
    disk.files.jWrite(1, new Uint8Array([2]), 9),
    disk.files.jSync(1, 2),
  ]
  assert.deepEqual([codes, disk.calls], [[13, 13, 13], []])
  disk.failing = 0
  assert.deepEqual([disk.files.jSync(1, 2), disk.calls, disk.bytes()], [0, ["write 0+1", "sync"], [1]])
})
