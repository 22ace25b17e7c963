import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { isFailure, runTestFile } from "./test-file.ts"

/** Runs a test file with this text. */
async function runText(
  text: string,
  timeoutMs: number,
): Promise<{ readonly failures: readonly string[]; readonly passes: number; readonly child: number }> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-test-file-"))
  try {
    const pid = join(folder, "pid")
    const path = join(folder, "some.test.mjs")
    writeFileSync(pid, "0")
    writeFileSync(
      path,
      `import { test } from "node:test"\nimport { spawn } from "node:child_process"\nimport { writeFileSync } from "node:fs"\nconst pid = ${JSON.stringify(pid)}\n${text}`,
    )
    const { events } = await runTestFile(path, { env: process.env, timeoutMs })
    return {
      failures: events
        .filter(isFailure)
        .map(({ data }) => `${data.name?.startsWith("/") === true ? "the file" : data.name}: ${data.details?.error?.split("\n")[0]}`),
      passes: events.filter(({ type }) => type === "test:pass").length,
      child: Number(readFileSync(pid, "utf8")),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Ended and not yet collected by whoever took it over.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

test("A file that hangs is ended at its limit with everything that it started, and what it had done is told", async () => {
  const hangs = `
test("one is done", () => {})
test("another hangs", () => {
  const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" })
  writeFileSync(pid, String(child.pid))
  while (true);
})`
  const { failures, passes, child } = await runText(hangs, 2_000)
  assert.deepEqual(failures, ["the file: did not end within 2 s; it was ended with everything that it started"])
  assert.ok(passes <= 1)
  assert.ok(child > 0)
  for (let i = 0; i < 100 && isRunning(child); i++) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(isRunning(child), false)
})

test("A file's passes and failures are told, and so is one that does not load", async () => {
  const some = await runText('test("good", () => {})\ntest("bad", () => { throw new RangeError("no") })', 20_000)
  assert.deepEqual([some.passes, some.failures], [1, ["bad: RangeError: no"]])
  const broken = await runText('import "./nowhere.mjs"', 20_000)
  assert.equal(broken.failures.length, 1)
  assert.match(broken.failures[0] ?? "", /ended with code 1/)
})
