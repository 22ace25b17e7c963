import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { slimLibsodium, slimPath } from "./slim-libsodium.ts"

test("the WebAssembly that browsers get is made of the pinned libsodium package, byte for byte", () => {
  assert.ok(Buffer.from(slimLibsodium()).equals(readFileSync(slimPath)), "node scripts/slim-libsodium.ts writes it anew")
})
