import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { test } from "node:test"

const root = resolve(import.meta.dirname, "../../../..")

test("the example of docs/mls.md is the file that is type-checked, and Bob hears what Alice says", async () => {
  const page = readFileSync(resolve(root, "docs/mls.md"), "utf8")
  const [, path, shown] = /<!-- example: (\S+) -->\s+```ts\n([\s\S]+?)```/.exec(page) ?? []
  assert.ok(path !== undefined && shown !== undefined)
  assert.equal(shown, readFileSync(resolve(root, path), "utf8"))
  const { heard } = await import("./testing/example.ts")
  assert.equal(heard, "hello")
})
