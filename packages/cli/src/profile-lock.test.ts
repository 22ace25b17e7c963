import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { promisify } from "node:util"
import { CliError } from "./cli-error.ts"
import { diskTrouble } from "./disk-trouble.ts"
import { explain } from "./exit-code.ts"
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

test("a full disk, a disk that fails and missing rights are called that, and only what is none of it is called damage", () => {
  const system = (code: string) => Object.assign(new Error(code), { code, syscall: "write" })
  const sqlite = (errcode: number) => Object.assign(new Error("x"), { code: "ERR_SQLITE_ERROR", errcode })
  const code = (error: unknown) => diskTrouble(error)?.code
  for (const error of [system("ENOSPC"), system("EDQUOT"), system("EFBIG"), sqlite(13)]) assert.equal(code(error), "disk_full")
  for (const error of [system("EIO"), sqlite(10), sqlite(10 | (3 << 8))]) assert.equal(code(error), "disk_failing")
  for (const error of [system("EACCES"), system("EROFS"), sqlite(8), sqlite(14)]) assert.equal(code(error), "profile_unwritable")
  for (const error of [system("ENOENT"), sqlite(11), sqlite(26), new Error("x"), "x"]) assert.equal(code(error), undefined)
  assert.match(explain(system("ENOSPC")), /is full.* \(disk_full\)\n {2}next: free some space/)
})

test("a profile on a disk without room is not called damaged, whichever of its files cannot be written", async (t) => {
  const path = await folder(t)
  // A limit on the size of files stands for a full disk: the system refuses to let any grow.
  const program = `import { lockProfile } from ${JSON.stringify(new URL("./profile-lock.ts", import.meta.url).href)}
    await lockProfile(${JSON.stringify(path)}, { waitMs: 0, waiting() {} }).then(() => console.log("locked"), (error) => console.log(error.code))`
  const { stdout } = await promisify(execFile)("bash", [
    "-c",
    'ulimit -f 0; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    program,
  ])
  assert.match(stdout, /^(?:disk_full|disk_failing|locked)\n$/)
})
