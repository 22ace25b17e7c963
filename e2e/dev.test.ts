// `npm run dev`: the app on a real server, served file by file, under the same policy as the built one but for styles.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import process from "node:process"
import { test } from "node:test"
import { openBrowser, openChatWith, openPerson, say, sees, withoutChromium } from "./fixtures/browser.ts"

const root = resolve(import.meta.dirname, "..")

test(
  "npm run dev serves the app with a real device, keeps the policy but for styles, and draws screens anew without a reload",
  {
    skip: withoutChromium,
    timeout: 120_000,
  },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "nodoor-dev-"))
    const port = await freePair()
    const child = spawn(process.execPath, ["scripts/dev.ts"], {
      cwd: root,
      env: { ...process.env, PORT: String(port), NODOOR_DATA: folder },
      stdio: ["ignore", "pipe", "inherit"],
    })
    t.after(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once("exit", done))
        child.kill()
        await ended
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    })
    const url = `http://localhost:${port}`
    const said = await saidOf(child.stdout, "Console:")
    assert.match(said, new RegExp(`App: +${url}\\n +Invite: +${url}/i/[a-z0-9]+\\n`))

    const browser = await openBrowser(t)
    const [ann, bob] = [
      await openPerson(browser, { url }, { handle: "ann", name: "Ann" }),
      await openPerson(browser, { url }, { handle: "bob", name: "Bob" }),
    ]
    await openChatWith(ann.page, bob.handle)
    await say(ann.page, "from a file")
    await sees(ann.page, "from a file")
    assert.deepEqual([...ann.faults, ...bob.faults], [])

    const page = await fetch(url)
    const policy = page.headers.get("content-security-policy") ?? ""
    assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; /)
    assert.match(policy, /require-trusted-types-for 'script'/)
    const built = await fetch(`${url}/healthz`)
    assert.equal(policy.replace(" 'unsafe-inline'", ""), built.headers.get("content-security-policy"))
    assert.match(await (await fetch(`${url}/src/main.tsx`)).text(), /accept\("\/src\/start\.tsx"/)
  },
)

/** What a program says, up to a line that holds `end`. It may go on talking: a pipe that is closed would end it. */
function saidOf(output: NodeJS.ReadableStream, end: string): Promise<string> {
  let said = ""
  return new Promise((settle) => {
    output.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(end)) settle(said)
    })
    output.on("end", () => settle(said))
  })
}

/** A port such that the next one is free as well. */
async function freePair(): Promise<number> {
  for (;;) {
    const first = createServer()
    const port = await new Promise<number>((settle) => first.listen(0, "127.0.0.1", () => settle((first.address() as AddressInfo).port)))
    const second = createServer()
    const isFree = await new Promise<boolean>((settle) => {
      second.once("error", () => settle(false))
      second.listen(port + 1, "127.0.0.1", () => settle(true))
    })
    for (const server of [first, second]) if (server.listening) await new Promise((done) => server.close(done))
    if (isFree) return port
  }
}
