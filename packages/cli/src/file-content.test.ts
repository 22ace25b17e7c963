import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fileAt, fileText, sizeText } from "./file-content.ts"

test("sizes are told in the units that people know", () => {
  assert.deepEqual([0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 2_400_000, 1_073_741_824].map(sizeText), [
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "9.9 kB",
    "10 kB",
    "999 kB",
    "1.0 MB",
    "2.4 MB",
    "1.1 GB",
  ])
})

test("a photo or file is told by its name, its size and its caption", () => {
  const content = {
    type: "file",
    name: "a.jpg",
    mediaType: "image/jpeg",
    sizeBytes: 1_500,
    preview: undefined,
    expiresMs: undefined,
  } as const
  assert.equal(fileText({ ...content, caption: "" }), "[a.jpg, 1.5 kB]")
  assert.equal(fileText({ ...content, caption: "at the **lake**" }), "[a.jpg, 1.5 kB] at the lake")
})

test("a file of the disk is sent under its own name, and what is none is refused", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-file-"))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, "holiday.JPG"), "words")
  const file = await fileAt(join(folder, "holiday.JPG"))
  assert.deepEqual([file.name, file.mediaType, file.size], ["holiday.JPG", "image/jpeg", 5])
  const parts: Uint8Array[] = []
  for await (const part of file.content()) parts.push(part)
  assert.equal(Buffer.concat(parts).toString(), "words")
  await file.close()
  await assert.rejects(fileAt(folder), { code: "usage" })
  await assert.rejects(fileAt(join(folder, "none")), { code: "usage" })
})
