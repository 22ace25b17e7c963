import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { test } from "node:test"

test("a command whose talk nobody reads ends with its own exit code", async () => {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "main.ts"), "no-such-command"], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  child.stderr.destroy()
  assert.equal(await new Promise((settle) => child.on("exit", settle)), 2)
})
