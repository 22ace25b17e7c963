// The commands of docs/a-request.md, run as they stand there against a real server, its desk and its log: what they print is what the page shows.

import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type TestContext, test } from "node:test"
import { type PublicDesk, startPublicDesk } from "@nodoor/server/fixtures"
import { runWords } from "./fixtures/command-line.ts"

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/a-request.md"), "utf8")
/** The case's number on the page. */
const pageCase = "3f9a1c07be"

test("every command of the page about one request does what the page shows, from receipt to public notice", async (t) => {
  const place = await newPlace(t)
  let commands = 0
  for (const [, language = "", body = ""] of page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
    if (language === "json") place.write("request.json", body)
    if (language !== "console") continue
    for (const step of body.split(/^(?=\$ )/m)) {
      const [command = "", ...expected] = step.replace(/^\$ /, "").trimEnd().split("\n")
      const said = await place.run(command)
      assert.match(said, patternOf(expected), `$ ${command}`)
      commands++
    }
  }
  assert.ok(commands >= 11, `${commands} commands were found`)
})

test("what a command printed is told from what it might have", () => {
  const shown = ["partial", "answer/…", "sha256 …"]
  assert.match("partial\nanswer/x.json\nsha256 12", patternOf(shown))
  for (const other of ["full\nanswer/x.json\nsha256 12", "partial\nanswer/x.json", "partial\nanswer/x.json\nsha256 12\nmore", ""])
    assert.doesNotMatch(other, patternOf(shown))
  assert.match("a\nb\nc\nd", patternOf(["a", "…", "d"]))
})

/** "…" stands for the rest of a line or a part of it, and alone for any lines. */
function patternOf(lines: readonly string[]): RegExp {
  const escaped = lines.map((line) => (line === "…" ? "(?:.*\\n?)*" : line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*")))
  return new RegExp(`^${escaped.join("\\n").replaceAll("(?:.*\\n?)*\\n", "(?:.*\\n)*")}$`)
}

interface Place {
  write(name: string, text: string): void
  run(command: string): Promise<string>
}

/** Alice has an account, Anna and Ben decide with keys in files; days pass with `sleep`. */
async function newPlace(t: TestContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-a-request-"))
  const desk = await startPublicDesk([], { ownPeople: true })
  t.after(async () => {
    await desk.stop()
    rmSync(folder, { recursive: true })
  })
  const path = (name: string): string => join(folder, name)
  for (const name of ["anna", "ben"]) await desk.command("operator", "add", name, await desk.command("key", path(`${name}.key`)))
  // Alice's clock is as right as the server's: her tokens are for the server's present days.
  t.mock.method(Date, "now", desk.nowMs)
  assert.match(await asAlice(folder, ["register", "--server", desk.server.url, "--handle", "alice", "--name", "Alice Arden"]), /^@alice/)
  await desk.nextDay()
  writeFileSync(path("order.pdf"), "an order")

  let caseId = ""
  return {
    // The page's dates stay true whenever it is read.
    write: (name, text) => writeFileSync(path(name), text.replaceAll(/\d{4}-\d{2}-\d{2}/g, desk.today())),
    run: async (command) => {
      const [program = "", ...words] = command.split(/\s+/).map((word) => {
        const real = word.replace("https://chat.example.org", desk.server.url).replaceAll(pageCase, caseId)
        return /^(?:(?:anna|ben)\.key|request\.json|order\.pdf|answer\S*)$/.test(word) ? path(real) : real
      })
      const said = await runProgram(program, words, { desk, folder })
      if (words[1] === "open") caseId = said
      return said
        .replaceAll(`${folder}/`, "")
        .replaceAll(desk.server.url, "https://chat.example.org")
        .replaceAll(desk.server.origin, "chat.example.org")
        .replaceAll(caseId || pageCase, pageCase)
    },
  }
}

async function runProgram(
  program: string,
  words: readonly string[],
  { desk, folder }: { readonly desk: PublicDesk; readonly folder: string },
): Promise<string> {
  switch (program) {
    case "nodoor":
      return asAlice(folder, words)
    case "nodoor-server":
      assert.equal(words[0], "desk")
      return desk.command(...words.slice(1)).catch((error: Error) => error.message)
    case "sleep":
      for (let day = 0; day < Number.parseInt(words[0] ?? "", 10); day++) await desk.nextDay()
      return ""
    default:
      return assert.fail(`${program} is none of the page's programs`)
  }
}

/** What `nodoor` prints in a terminal, with the exit code if it is none of success. */
async function asAlice(folder: string, words: readonly string[]): Promise<string> {
  const { code, out } = await runWords(join(folder, "alice"), words, { terminal: { interactive: true } })
  return [...out, ...(code === 0 ? [] : [`exit code ${code}`])].join("\n")
}
