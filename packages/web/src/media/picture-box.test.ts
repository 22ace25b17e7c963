import assert from "node:assert/strict"
import { test } from "node:test"
import { pictureBox } from "./picture-box.ts"

test("The place of a picture has its shape and is bounded, whatever size its sender states", () => {
  assert.deepEqual(pictureBox(1_600, 1_067), { "--width": "380px", "--ratio": "1.4995" })
  assert.deepEqual(pictureBox(200, 300), { "--width": "200px", "--ratio": "0.6667" })
  assert.deepEqual(pictureBox(65_535, 1), { "--width": "380px", "--ratio": "2.6000" })
  assert.deepEqual(pictureBox(1, 65_535), { "--width": "96px", "--ratio": "0.4000" })
  assert.deepEqual(pictureBox(1, 1), { "--width": "96px", "--ratio": "1.0000" })
})
