import assert from "node:assert/strict"
import { test } from "node:test"
import type { WordsCheck } from "@nodoor/client"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

const words = Array.from({ length: 24 }, (_, at) => `word${String.fromCharCode(97 + at)}`)

function world(
  options: { readonly interactive?: boolean; readonly answer?: (question: string) => string; readonly check?: WordsCheck } = {},
) {
  const scripted = new ScriptedDevice()
  const confirmed: unknown[] = []
  const checked: (readonly string[])[] = []
  const { device } = scripted
  Object.defineProperty(scripted, "device", { value: device })
  Object.assign(device, {
    recovery: async () => ({ status: "unconfirmed", remind: true, passkey: false }),
    recoveryWords: async () => words,
    confirmRecovery: async (given: unknown) => void confirmed.push(given),
    checkRecoveryWords: async (typed: readonly string[]) => {
      checked.push(typed)
      return options.check ?? { status: "right" }
    },
  })
  return { terminal: scriptedTerminal(scripted, options), confirmed, checked }
}

test("the words are shown with their numbers, as JSON for programs, and a person is asked for three of them", async () => {
  const { terminal, confirmed } = world({ interactive: true, answer: (question) => words[Number(/\d+/.exec(question)?.[0]) - 1] ?? "" })
  const { code, out } = await terminal.run(["recovery", "show"])
  assert.equal(code, 0)
  assert.equal(out[0]?.split("\n").length, 6)
  assert.match(out[0] ?? "", /^ 1\. worda +2\. wordb/)
  const [given] = confirmed as { at: number; word: string }[][]
  assert.equal(new Set(given?.map(({ at }) => at)).size, 3)
  assert.ok(given?.every(({ at, word }) => word === words[at]))
  const silent = world()
  assert.deepEqual(JSON.parse((await silent.terminal.run(["recovery", "show", "--json"])).out[0] ?? ""), { words })
  await silent.terminal.run(["recovery", "show"])
  assert.deepEqual(silent.confirmed, [], "nobody is there to be asked")
})

test("words are read from standard input, never from the line, and what is wrong with them is said", async () => {
  const { terminal, checked } = world()
  const numbered = words.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join("\n")
  assert.equal((await terminal.run(["recovery", "check"], { stdin: numbered })).code, 0)
  assert.deepEqual(checked, [words])
  assert.equal((await terminal.run(["recovery", "check", ...words])).code, 2)
  for (const [check, text] of [
    [{ status: "wrong_count", count: 23 }, /24 words, and these are 23/],
    [{ status: "unknown_words", wrong: [{ at: 4, nearest: ["able", "cable", "table"] }] }, /Word 5 .* able, cable, table/],
    [{ status: "wrong_checksum" }, /one is wrong/],
    [{ status: "other_account" }, /another account/],
  ] as const) {
    const { code, talk } = await world({ check }).terminal.run(["recovery", "check"], { stdin: words.join(" ") })
    assert.equal(code, 4)
    assert.match(talk, text)
  }
})

test("an account comes back into a profile by the words of standard input", async () => {
  const { terminal } = world()
  const line = ["--profile", "/tmp/back", "recovery", "use", "--server", "https://chat.example.org", "--handle", "@alice"]
  const { code } = await terminal.run(line, { stdin: words.join(" ") })
  assert.equal(code, 0)
  assert.deepEqual(terminal.recoveries, [{ serverUrl: "https://chat.example.org", handle: "@alice", deviceName: "Terminal", words }])
  assert.equal((await terminal.run([...line.slice(0, 4), "--server", "http://chat.example.org", "--handle", "alice"])).code, 2)
  assert.equal((await terminal.run([...line, ...words])).code, 2, "words are no arguments")
})
