import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { sharedProcesses } from "./shared-process.ts"
import { type FileRun, isFailure, runTestFile, runTestFiles } from "./test-file.ts"
import { longerTests, testFiles } from "./test-files.ts"

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
    const run = await runTestFile(path, { env: process.env, timeoutMs })
    return {
      failures: failuresOf(run),
      passes: passesOf(run),
      child: Number(readFileSync(pid, "utf8")),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function failuresOf({ events }: FileRun): string[] {
  const name = (text = ""): string => (text.startsWith("/") ? "the file" : text)
  return events.filter(isFailure).map(({ data }) => `${name(data.name)}: ${data.details?.error?.split("\n")[0]}`)
}

function passesOf({ events }: FileRun): number {
  return events.filter(({ type }) => type === "test:pass").length
}

/** Runs files with these texts in one process, as far as that goes. */
async function runTexts(...texts: readonly string[]): Promise<readonly FileRun[]> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-test-files-"))
  try {
    const paths = texts.map((_, i) => join(folder, `${i}.test.mjs`))
    texts.forEach((text, i) => writeFileSync(paths[i] ?? "", `import { test } from "node:test"\n${text}`))
    return await runTestFiles(paths, { env: process.env, timeoutMs: 20_000 })
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

test("files that share a process are reported as if each had its own, and a failure of one leaves the others", async () => {
  const runs = await runTexts('test("one", () => {})', 'test("two", () => { throw new RangeError("no") })', 'test("three", () => {})')
  assert.equal(runs.length, 1)
  assert.deepEqual([runs.flatMap(failuresOf), runs.map(passesOf)], [["two: RangeError: no"], [2]])
  assert.ok((runs[0]?.processorMs ?? 0) > 0, "what they took of the processor is known")
})

test("when one of several files breaks their process, each is run by itself, so that it is known which", async () => {
  const runs = await runTexts('test("one", () => {})', 'test("two", () => { process.exit(7) })', 'test("three", () => {})')
  assert.equal(runs.length, 3)
  assert.deepEqual(runs.map(passesOf), [1, 0, 1])
  const [first = [], second = [], third = []] = runs.map(failuresOf)
  assert.deepEqual([first, third], [[], []])
  assert.match(second.join(), /^the file: ended with code 7/)
})

test("files that pass one by one and break their process together are a failure", async () => {
  const once = "if (globalThis.was === true) process.exit(9); globalThis.was = true"
  const runs = await runTexts(`${once}; test("one", () => {})`, `${once}; test("two", () => {})`)
  assert.match(runs.flatMap(failuresOf).join(), /passed one by one, but before: ended with code 9/)
})

test("a promise that nobody waits for fails the test that made it, though promises are not followed at first", async () => {
  const stray = `test("one", () => {})
test("strays", async () => {
  void Promise.resolve().then(() => { throw new RangeError("no") })
  await new Promise((done) => setTimeout(done, 20))
})`
  for (const texts of [[stray], [stray, 'test("two", () => {})']]) {
    const runs = await runTexts(...texts)
    assert.deepEqual(runs.flatMap(failuresOf), ["strays: RangeError: no"])
    assert.equal(
      runs.map(passesOf).reduce((a, b) => a + b),
      texts.length,
    )
  }
})

test("what npm test leaves out is there", () => {
  const all = testFiles()
  assert.deepEqual(
    longerTests.filter((path) => !all.includes(path)),
    [],
  )
})

test("unit tests of one package share processes, worlds too, and what has to do with its process does not", () => {
  const texts: Record<string, string> = {
    "sim/a.test.ts": "",
    "packages/wire/src/b.test.ts": "process.exit()",
    "packages/wire/src/c.test.ts": "beforeEach(() => {})",
    "packages/mls/test/d.test.ts": "",
    ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`packages/wire/src/${i}.test.ts`, 'process.env["A"] // its process.'])),
    "packages/web/src/e.test.ts": "",
    ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`sim/${i}.test.ts`, ""])),
  }
  const shared = sharedProcesses(Object.keys(texts), { read: (path) => texts[path] ?? "", long: ["sim/8.test.ts"] })
  assert.deepEqual(
    shared.map((paths) => paths.length),
    [5, 4, 1, 5, 5, 1, 1, 1, 1],
  )
  assert.deepEqual(shared.flat().toSorted(), Object.keys(texts).toSorted())
})
