// The plain demand: hand over what they wrote.

import { existsSync, readFileSync } from "node:fs"
import type { Attack } from "../attack.ts"
import { type DrillWorld, Never, texts } from "../drill-world.ts"

const words = "the-meeting-is-at-the-old-mill"

export const contentAttacks: readonly Attack[] = [
  {
    name: "control",
    attack: "None: an honest operator",
    did: "Ran the server as it is.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      await world.say(bob, chatId, words)
      await world.rest(2 * 3_600_000)
      await world.collect(alice, bob)
      if (!(await texts(alice, chatId)).includes(words)) throw new Never("alice has bob's message")
      return { gained: [], tried: "two people talked for two hours, and everything arrived" }
    },
  },
  {
    name: "hand-over-content",
    attack: "Hand over the content",
    did: "Searched the database, the log and every byte that ever went in or out for words of a conversation, a contact name and a group's name.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.group(alice, bob)
      await world.say(alice, chatId, words)
      await world.say(bob, chatId, `${words}-too`)
      if (!(await texts(alice, chatId)).includes(`${words}-too`)) throw new Never("alice has bob's message")
      const holds = searchEverything(world)
      if (!holds("alice") || !holds("Holder bob")) throw new Never("the search finds what the adversary does hold")
      const wanted = {
        "words of a message": words,
        "the name of the group": "Weekend",
        "the name bob shows his contacts": bob.virtual.name,
      }
      const gained = Object.entries(wanted).flatMap(([what, text]) => (holds(text) ? [what] : []))
      const bytes = world.adversary.traffic.reduce((sum, one) => sum + one.length, 0)
      return { gained, tried: `${bytes} bytes of traffic and all files searched; handles and holders' names are found, as they must be` }
    },
  },
  {
    name: "who-with-whom",
    attack: "Hand over who talks with whom",
    did: "Read from the database which devices a group is delivered to.",
    expected: { kind: "unnoticed" },
    limit: "A server that delivers knows to whom. docs/threat-model.md says so; only names and content are kept from it.",
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const groupId = await world.groupIdOf(alice, await world.chat(alice, bob))
      const rows = world.adversary.rows(
        "SELECT a.handle FROM deliveries d JOIN devices v ON v.device_id = d.mailbox JOIN accounts a ON a.account_id = v.account_id WHERE d.group_id = ?",
        groupId,
      )
      const handles = rows.map((row) => String(row["handle"])).toSorted()
      return { gained: handles.length === 2 ? [`${handles.join(" and ")} share a group`] : [], tried: "one query" }
    },
  },
]

/** Looks for a text in everything the adversary has, as UTF-8, UTF-16 and base64. */
function searchEverything(world: DrillWorld): (text: string) => boolean {
  const files = world.adversary.paths.filter((path) => existsSync(path)).map((path) => readFileSync(path))
  const everything = [...files, ...world.adversary.traffic.map((bytes) => Buffer.from(bytes))]
  return (text) => {
    // Of base64, the middle that does not depend on where in a group of three bytes the text begins.
    const encoded = [0, 1, 2].map((shift) =>
      Buffer.from("\0".repeat(shift) + text)
        .toString("base64")
        .slice(4, -4),
    )
    const forms = [
      Buffer.from(text, "utf8"),
      Buffer.from(text, "utf16le"),
      ...encoded.filter((one) => one.length >= 8).map((one) => Buffer.from(one)),
    ]
    return everything.some((bytes) => forms.some((form) => bytes.includes(form)))
  }
}
