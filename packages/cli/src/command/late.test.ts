import assert from "node:assert/strict"
import { test } from "node:test"
import { ScriptedDevice, bob, chatOf, messageOf, scriptedTerminal } from "../fixtures/scripted-device.ts"

const team = chatOf("11")
const hourMs = 3_600_000

test("A message that came more than an hour after it was written says both times, in the words for people and in JSON", async () => {
  const device = new ScriptedDevice()
  const placed = 1_000_000_000_000
  device.put(team, [
    messageOf(team, 0, bob, { timeMs: placed, sentMs: placed - hourMs }),
    messageOf(team, 1, bob, { timeMs: placed, sentMs: placed - 5 * hourMs }),
  ])
  const { run } = scriptedTerminal(device)
  for (const words of [["messages", "--chat", "Team"], ["receive"]]) {
    const [prompt = "", late = ""] = (await run(words)).out
    assert.doesNotMatch(prompt, /arrived/)
    assert.match(late, /\(sent 20\d\d-\d\d-\d\d \d\d:\d\d, arrived 20\d\d-\d\d-\d\d \d\d:\d\d\): text 1$/)
  }
  device.arrive(team, messageOf(team, 2, bob, { timeMs: placed, sentMs: placed - 1 }))
  const json = JSON.parse((await run(["receive", "--json"])).out[0] ?? "") as { time: number; sent: number }
  assert.deepEqual([json.time, json.sent], [placed, placed - 1])
})
