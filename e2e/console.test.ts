// The operator's console in real browsers: two people with passkeys of their own take a request from receipt to the notice that anybody
// can read, and what they see on the way holds nothing of what people say to each other.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import process from "node:process"
import { type TestContext, test } from "node:test"
import { setTimeout as delay } from "node:timers/promises"
import { type RunningServer, startServer } from "@nodoor/server"
import { violations } from "./fixtures/axe.ts"
import { lastIs, openBrowser, openChatWith, openPerson, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { type ConsoleVisitor, openVisitor } from "./fixtures/operator.ts"
import { findWord } from "./fixtures/search.ts"
import { openTerminal } from "./fixtures/terminal.ts"
import { consoleWords } from "./fixtures/words.ts"

const dayMs = 86_400_000
const settleMs = 300
/** A notice is opened on the day after that in whose slot it stands; that may be the day after the case has ended. */
const daysMax = 4
const dayShownMs = 3_000

const pages = ["Overview", "Cases", "Accounts", "Invites", "People", "Log", "Settings"]

interface World {
  readonly dataDir: string
  /** As passkeys have it: by name. */
  readonly url: string
  readonly clock: { aheadMs: number; nowMs(): number }
  /** The server's log. */
  readonly lines: readonly string[]
  /** Stops it and starts it again on the same port. */
  restart(): Promise<void>
}

async function startWorld(t: TestContext): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-e2e-"))
  const clock: World["clock"] = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  const lines: string[] = []
  const start = (port: number): Promise<RunningServer> => startServer({ dataDir, clock, port, log: (line) => void lines.push(line) })
  let server = await start(0)
  t.after(async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return {
    dataDir,
    url: `http://localhost:${server.port}`,
    clock,
    lines,
    restart: async () => {
      const { port } = server
      await server.stop()
      server = await start(port)
    },
  }
}

/** What `nodoor-server` prints, run beside the server that is running. */
async function serverCommand({ dataDir }: World, ...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "../packages/server/src/main.ts"), ...words], {
    cwd: dataDir,
    env: { ...process.env, NODOOR_DATA: dataDir },
    stdio: ["ignore", "pipe", "inherit"],
  })
  let out = ""
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")))
  const [code] = (await once(child, "close")) as [number | null]
  assert.equal(code, 0, `nodoor-server ${words.join(" ")}`)
  return out
}

interface PublicNotice {
  readonly id: string
  readonly outcome: string
  readonly export: string
  readonly told: string
}

/** What is public of requests. */
async function publicNotices({ url }: World): Promise<readonly PublicNotice[]> {
  return ((await (await fetch(`${url}/transparency.json`)).json()) as { readonly notices: readonly PublicNotice[] }).notices
}

/** Lets days pass until a notice was opened. Each day has its slot in the log before the next begins. */
async function daysPass(world: World): Promise<readonly PublicNotice[]> {
  for (let day = 1; day <= daysMax; day++) {
    world.clock.aheadMs += dayMs
    await world.restart()
    for (let waitedMs = 0; waitedMs < dayShownMs; waitedMs += settleMs) {
      await delay(settleMs)
      const notices = await publicNotices(world)
      if (notices.length > 0) return notices
    }
  }
  return assert.fail(`no notice was opened within ${daysMax} days`)
}

async function enrol({ page }: ConsoleVisitor, link: string): Promise<void> {
  await page.goto(link)
  await page.getByRole("heading", { name: consoleWords.frame.enter.makePasskey }).waitFor()
  await page.getByRole("button", { name: consoleWords.frame.enter.make }).click()
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
}

async function signIn({ page }: ConsoleVisitor): Promise<void> {
  await page.getByRole("button", { name: consoleWords.frame.enter.withPasskey }).click()
  await page.getByRole("navigation", { name: "Console" }).waitFor()
}

/** The page as it is now, by axe in both colour schemes, and kept for the search. */
async function check(visitor: ConsoleVisitor, where: string): Promise<void> {
  const { page } = visitor
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(settleMs)
    // A control whose colours are on their way from one scheme to the other is looked at again.
    const found = await violations(page)
    if (found.length > 0) await page.waitForTimeout(4 * settleMs)
    assert.deepEqual(found.length > 0 ? await violations(page) : found, [], `${where}, ${colorScheme}`)
  }
  assert.match(await page.locator("footer").last().innerText(), /\b(?:no|not|nothing|nobody)\b/i, `${where} says what it cannot see`)
  await visitor.look(where)
}

test(
  "two people with passkeys take a request for a name and for messages to the archive and the public notice",
  { skip: withoutChromium, timeout: 290_000 },
  async (t) => {
    const world = await startWorld(t)
    const browser = await openBrowser(t)
    const secret = `private${randomBytes(9).toString("hex")}`
    const holder = `Holder${randomBytes(9).toString("hex")}`

    const alice = await openPerson(browser, world, { handle: "alice", name: holder })
    const bob = await openPerson(browser, world, { handle: "bob", name: "Bob Builder" })
    await openChatWith(alice.page, "bob")
    await say(alice.page, `${secret} said to bob`)
    await sees(alice.page, `${secret} said to bob`)
    await lastIs(alice.page, /Sent|Delivered|Read/)

    const anna = await openVisitor(browser)
    const ben = await openVisitor(browser)

    await t.test("the first comes in by a link of the command line, the second by one of the first", async () => {
      await anna.page.goto(`${world.url}/operator`)
      await anna.page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor()
      await check(anna, "sign in")
      const [link = ""] = (await serverCommand(world, "desk", "operator", "invite", "Anna")).split("\n")
      await anna.page.goto("about:blank")
      await anna.page.goto(link)
      await anna.page.getByRole("heading", { name: consoleWords.frame.enter.makePasskey }).waitFor()
      assert.doesNotMatch(anna.page.url(), /enrol=/, "the code does not stay in the address")
      await check(anna, "enrolment")
      await anna.page.getByRole("button", { name: consoleWords.frame.enter.make }).click()
      await anna.page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
      await anna.open("People")
      await anna.page.getByRole("button", { name: consoleWords.people.invite }).click()
      const dialog = anna.page.getByRole("dialog", { name: consoleWords.people.invite })
      await dialog.getByLabel("Name").fill("Ben")
      await dialog.getByRole("radio", { name: "Reviewer" }).check()
      await check(anna, "inviting")
      await dialog.getByRole("button", { name: consoleWords.people.form.make }).click()
      const forBen = await anna.page.getByText(/\/operator#enrol=/).innerText()
      await enrol(ben, forBen.trim())
      await ben.page.getByText("Reviewer").first().waitFor()
      await ben.context.newPage().then(async (second) => {
        await second.goto(forBen.trim())
        await second.getByRole("heading", { name: consoleWords.frame.enter.deadLink }).waitFor()
        await second.close()
      })
    })

    await t.test("another tab of the same browser is not signed in", async () => {
      const second = await anna.context.newPage()
      await second.goto(`${world.url}/operator`)
      await second.getByRole("heading", { level: 1, name: "Sign in" }).waitFor()
      await second.close()
    })

    await t.test("every page is drawn, for both roles", async () => {
      for (const visitor of [anna, ben])
        for (const name of pages) {
          await visitor.open(name)
          await visitor.page.waitForTimeout(settleMs)
          await check(visitor, name)
        }
    })

    await t.test("a recovery that the command line began is seen by everybody, and an owner takes it back", async () => {
      await serverCommand(world, "desk", "operator", "recover", "Ben")
      await ben.open("Overview")
      await ben.open("People")
      await ben.page.getByText("Ben is being recovered").waitFor()
      assert.equal(await ben.page.getByRole("button", { name: consoleWords.people.waiting.takeBack }).count(), 0)
      await anna.open("People")
      await check(anna, "a recovery")
      await anna.page.getByRole("button", { name: consoleWords.people.waiting.takeBack }).click()
      await anna.page.getByText("Ben is being recovered").waitFor({ state: "detached" })
      await anna.page.getByRole("heading", { level: 2, name: "Ben" }).waitFor()
    })

    let caseId = ""
    await t.test("a request is written down in the form, with its document", async () => {
      const { page } = anna
      await anna.open("Cases")
      await page.getByRole("button", { name: "New case" }).click()
      await page.getByRole("heading", { level: 1, name: "New case" }).waitFor()
      await page.getByLabel("Authority").fill("District Court <b>of Somewhere</b>")
      await page.getByLabel("Country").selectOption({ label: "Germany" })
      await page.getByLabel("Reference").fill("12 Gs 345/26")
      await page.getByLabel("Instrument").selectOption({ label: "Subpoena" })
      await page.getByLabel("Legal basis").fill("section 100j of the code")
      const today = new Date().toISOString().slice(0, 10)
      await page.getByLabel("Issued").fill(today)
      await page.getByLabel("Received").fill(today)
      await page.getByLabel("Accounts").fill("@alice")
      for (const name of [consoleWords.terms.classes.holder_name, "IP addresses used", "Content of messages"])
        await page.getByRole("checkbox", { name: new RegExp(`^${name}`) }).check()
      await check(anna, "new case")
      await page.getByRole("button", { name: consoleWords.request.save }).click()
      await page.getByRole("heading", { level: 1, name: "District Court <b>of Somewhere</b>" }).waitFor()
      caseId = /#\/cases\/([0-9a-f]{10})$/.exec(page.url())?.[1] ?? ""
      assert.notEqual(caseId, "")
      await page.locator("input[type=file]").setInputFiles({ name: "order.pdf", mimeType: "application/pdf", buffer: randomBytes(300_000) })
      await page.getByRole("button", { name: "Download order.pdf" }).waitFor()
      await check(anna, "open case")
    })

    await t.test("both approve it with their passkeys, and one of them hands over what exists", async () => {
      await anna.page.getByRole("button", { name: consoleWords.cases.next.approve }).click()
      await anna.page.getByRole("heading", { name: consoleWords.cases.next.approvedByMe }).waitFor()
      assert.equal(await anna.page.getByRole("button", { name: consoleWords.cases.next.makeAnswer }).count(), 0)
      await ben.open("Cases")
      await ben.page.getByRole("link", { name: /District Court/ }).click()
      await ben.page.getByRole("button", { name: consoleWords.cases.next.approve }).click()
      await ben.page.getByRole("heading", { name: /^Approved/ }).waitFor()
      assert.equal(
        await ben.page.getByRole("button", { name: consoleWords.cases.next.makeAnswer }).count(),
        0,
        "a reviewer does not answer",
      )
      await check(ben, "approved case")
      await anna.open("Cases")
      await anna.page.getByRole("link", { name: /District Court/ }).click()
      await anna.page.getByRole("button", { name: consoleWords.cases.next.makeAnswer }).click()
      await check(anna, "before handing over")
      await anna.page.getByRole("dialog").getByRole("button", { name: consoleWords.cases.exporting.confirmHandOver }).click()
      await anna.page.getByRole("button", { name: consoleWords.cases.answer.archive }).waitFor()
      await check(anna, "answered case")
    })

    const archivePath = join(world.dataDir, "archive.json")
    await t.test("the archive holds the name and no message, and anybody can check it", async () => {
      const [download] = await Promise.all([
        anna.page.waitForEvent("download"),
        anna.page.getByRole("button", { name: consoleWords.cases.answer.archive }).click(),
      ])
      await download.saveAs(archivePath)
      const archive = readFileSync(archivePath)
      assert.ok(archive.includes(holder))
      assert.deepEqual(findWord(archive, secret), [])
      assert.match(archive.toString("utf8"), /"purpose":"lawful request"|lawful request/)
      const carol = await openTerminal(t, world, { handle: "carol", name: "Carol Clark" })
      const { code, talk, lines } = await carol.run("export", "--verify", archivePath)
      assert.equal(code, 0, `${talk}\n${lines.join("\n")}`)
    })

    await t.test("the person named is told in their own app", async () => {
      await alice.page.reload()
      await alice.page.getByRole("button", { name: /an authority asked about your account/ }).click()
      await alice.page.getByText(caseId).first().waitFor()
      await alice.page.goto(world.url)
      await alice.page.getByRole("button", { name: /bob/i }).first().click()
      await sees(alice.page, `${secret} said to bob`)
    })

    await t.test(
      "the control: in alice's own page the message is found, in no answer to the console and on none of its pages",
      async () => {
        assert.notDeepEqual(findWord(Buffer.from(await alice.page.content()), secret), [])
        for (const { where, bytes } of [...anna.seen, ...ben.seen]) {
          assert.deepEqual(findWord(bytes, secret), [], where)
          if (where !== "/v1/operator/case/archive") assert.deepEqual(findWord(bytes, holder), [], where)
        }
        assert.ok(anna.seen.some(({ where, bytes }) => where === "/v1/operator/case/archive" && findWord(bytes, holder).length > 0))
        assert.ok(anna.seen.some(({ where, bytes }) => where === "Accounts" && findWord(bytes, "alice").length > 0))
        const log = Buffer.from(world.lines.join("\n"))
        for (const word of [secret, holder]) assert.deepEqual(findWord(log, word), [], "the log")
        const desk = globSync("desk/**/*", { cwd: world.dataDir }).filter((path) => statSync(join(world.dataDir, path)).isFile())
        assert.ok(desk.some((path) => path.startsWith("desk/documents/")))
        for (const path of desk) assert.deepEqual(findWord(readFileSync(join(world.dataDir, path)), secret), [], path)
        assert.deepEqual([...alice.faults, ...bob.faults], [])
        await alice.context.close()
        await bob.context.close()
      },
    )

    await t.test("days later the notice is in the public log and can be read by everybody", async () => {
      // Devices of this day would take the server's later days for a clock that lies: only the console stays open.
      assert.deepEqual(await publicNotices(world), [], "nobody reads it on the day itself")
      const notices = await daysPass(world)
      assert.deepEqual(
        notices.map(({ id, outcome, told }) => [id, outcome, told]),
        [[caseId, "partial", "told"]],
      )
      const visitor = await browser.newPage()
      await visitor.goto(`${world.url}/transparency`)
      await visitor.getByText("subpoena").first().waitFor()
      assert.deepEqual(findWord(Buffer.from(await visitor.content()), holder), [])
      await anna.page.reload()
      await anna.page.getByRole("heading", { name: /signed out|Sign in/ }).waitFor()
      await signIn(anna)
      await anna.page.goto(`${world.url}/operator#/cases/${caseId}`)
      await anna.page.getByText(consoleWords.cases.course.readable).waitFor()
      assert.ok((await anna.page.locator("body").innerText()).replaceAll(/\s/g, "").includes(notices[0]?.export ?? "?"))
      await anna.open("Log")
      await anna.page.getByText(consoleWords.log.acts.archiveDownloaded).waitFor()
      await check(anna, "log")
    })
    assert.deepEqual([...anna.faults, ...ben.faults], [])
  },
)
