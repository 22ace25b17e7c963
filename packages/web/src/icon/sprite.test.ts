import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { iconNames } from "./names.ts"

const sprite = readFileSync(new URL("sprite.svg", import.meta.url), "utf8")
const madeHash = readFileSync(new URL("../../icon-source/sprite.sha256", import.meta.url), "utf8")

test("the committed sprite holds exactly the icons that are named: node packages/web/icon-source/icon-sprite.ts makes it", () => {
  const drawn = [...sprite.matchAll(/<symbol id="([a-z0-9-]+)" viewBox="0 0 24 24">(.+)<\/symbol>/g)]
  assert.deepEqual(
    drawn.map(([, name]) => name),
    iconNames,
  )
  for (const [, name, shapes = ""] of drawn)
    assert.match(shapes, /^(?:<(?:path|circle|rect|line|polyline|polygon|ellipse) [^<>]*\/>)+$/, String(name))
  assert.equal(`${createHash("sha256").update(sprite).digest("hex")}  sprite.svg\n`, madeHash)
})

test("icons are drawn from the committed sprite, by a name that is in it", () => {
  const drawing = readFileSync(new URL("icon.tsx", import.meta.url), "utf8")
  assert.match(drawing, /^import sprite from "\.\/sprite\.svg\?url"$/m)
  assert.match(drawing, /<use href=\{`\$\{sprite\}#\$\{props\.name\}`\} \/>/)
})
