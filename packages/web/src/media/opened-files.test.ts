import assert from "node:assert/strict"
import { test } from "node:test"
import { createOpenedFiles } from "./opened-files.ts"

const gif = new Uint8Array([71, 73, 70, 56, 57, 97, 64, 1, 200, 0, 0, 0])

test("A file is loaded once however often it is shown, has the type of its bytes, and is loaded again after a failure", async () => {
  let asked = 0
  const files = createOpenedFiles({
    openFile: async () => {
      if (++asked === 1) throw new TypeError("not yet")
      return { name: "page.html", content: new Blob([gif], { type: "text/html" }) }
    },
  })
  await assert.rejects(files.open("aa", "bb").file)
  const [one, two] = [files.open("aa", "bb"), files.open("aa", "bb")]
  assert.equal(await one.file, await two.file)
  assert.equal(asked, 2)
  const { picture } = await one.file
  assert.deepEqual([picture?.type, picture?.width, picture?.height], ["image/gif", 320, 200])
  assert.match(picture?.url ?? "", /^blob:/)
})

test("What nobody looks at makes room, and what is shown stays", async () => {
  const asked: string[] = []
  const files = createOpenedFiles({
    openFile: async (_chat, message) => {
      asked.push(message)
      return { name: "large", content: new Blob([new Uint8Array(60_000_000)]) }
    },
  })
  const shown = files.open("aa", "shown")
  await shown.file
  for (const id of ["1", "2", "3"]) {
    const { file, release } = files.open("aa", id)
    await file
    release()
  }
  await files.open("aa", "shown").file
  await files.open("aa", "1").file
  assert.deepEqual(asked, ["shown", "1", "2", "3", "1"])
})
