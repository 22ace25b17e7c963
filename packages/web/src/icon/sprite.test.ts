import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { iconSprite, spritePath } from "../../scripts/icon-sprite.ts"

test("the icon sprite holds exactly the icons that are named", () => {
  assert.equal(readFileSync(spritePath, "utf8"), iconSprite())
})
