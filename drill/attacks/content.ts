// The plain demand: hand over what they wrote.

import { existsSync, readFileSync } from "node:fs"
import type { Attack } from "../attack.ts"
import { type DrillWorld, Never, texts } from "../drill-world.ts"
import { sha256Of } from "../adversary/digest.ts"

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
    did: "Took both databases with their journals by night, and looked for anything that stands in both: ids, keys, addresses, as they are and hashed.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
      await world.chat(alice, bob)
      const chatId = await world.group(bob, carol)
      await world.say(carol, chatId, words)
      await world.rest(2 * 3_600_000)
      const halves = world.adversary.halves()
      const found = [
        ...sharedValues(halves.accounts, halves.delivery.files, "of the accounts in the groups' half"),
        ...sharedValues(halves.delivery, halves.accounts.files, "of the groups in the accounts' half"),
      ]
      const values = halves.accounts.values.length + halves.delivery.values.length
      if (values < 100) throw new Never("both halves hold something")
      return { gained: found, tried: `${values} values, each as it is, hashed and cut short, in the files of the other half` }
    },
  },
  {
    name: "live-log",
    attack: "Everything written down while it happens",
    did: "Changed the server so that it noted, for each connection, its address and what came on it.",
    expected: { kind: "unnoticed" },
    limit:
      "A server that is changed in secret sees who connects from where, and when, and can guess from that who talks with whom. An unchanged one keeps none of it. A proxy such as Tor hides the address; docs/threat-model.md says so.",
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      await world.chat(alice, bob)
      const shared = world.adversary.shownTo(alice.address).groups.filter((id) => world.adversary.shownTo(bob.address).groups.includes(id))
      return {
        gained: shared.length > 0 ? ["the addresses of alice and bob read at the same group"] : [],
        tried: "an address beside every session, and beside every subscription",
      }
    },
  },
]

/** A name for each value of one half that stands in a file of the other, also hashed or cut to 16 bytes. */
function sharedValues(
  { values }: { readonly values: readonly { readonly column: string; readonly bytes: Uint8Array }[] },
  files: readonly Buffer[],
  where: string,
): readonly string[] {
  const found = new Set<string>()
  for (const { column, bytes } of values) {
    const start = bytes.subarray(0, 32)
    const hash = sha256Of(bytes)
    for (const form of [start, start.subarray(0, 16), hash, hash.subarray(0, 16), sha256Of(start)])
      if (form.length >= 16 && files.some((file) => file.includes(form))) found.add(`a ${column} ${where}`)
  }
  return [...found]
}

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
