import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { CliError } from "./cli-error.ts"
import { lockProfile } from "./profile-lock.ts"

const refused = (code: string) => (error: unknown) => error instanceof CliError && error.code === code
const silent = { waitMs: 0, waiting: () => {} }

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nodoor-lock-"))
  t.after(() => rm(path, { recursive: true }))
  return path
}

test("a locked profile is refused to others until it is unlocked, and the wait is announced once", async (t) => {
  const path = await folder(t)
  const unlock = await lockProfile(path, silent)
  let announced = 0
  await assert.rejects(lockProfile(path, { waitMs: 120, waiting: () => announced++ }), refused("profile_busy"))
  assert.equal(announced, 1)
  const second = lockProfile(path, { waitMs: 5_000, waiting: unlock })
  ;(await second)()
  ;(await lockProfile(path, silent))()
})

test("the lock of a process that was killed is gone with it", async (t) => {
  const path = await folder(t)
  const script = `import { lockProfile } from ${JSON.stringify(import.meta.resolve("./profile-lock.ts"))}
await lockProfile(${JSON.stringify(path)}, { waitMs: 0, waiting() {} }); console.log("locked"); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  t.after(() => child.kill("SIGKILL"))
  await once(child.stdout, "data")
  await assert.rejects(lockProfile(path, silent), refused("profile_busy"))
  child.kill("SIGKILL")
  await once(child, "exit")
  ;(await lockProfile(path, silent))()
})

test("a lock file that is none is refused with a code", async (t) => {
  const path = await folder(t)
  await writeFile(join(path, "lock"), "x".repeat(4096))
  await assert.rejects(lockProfile(path, silent), refused("profile_damaged"))
})
