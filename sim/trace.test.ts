// What a device traces while people write to each other.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type Database, traceAreas, traceOf } from "@nodoor/client"
import { texts, until, withNeighbourhood } from "./neighbourhood.ts"

/** Every blob that is long enough to be an id or a key, and every text that people chose. */
async function secretsOf(database: Database): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const { name } of await database.read("SELECT name FROM sqlite_schema WHERE type = 'table'"))
    for (const row of await database.read(`SELECT * FROM "${String(name)}"`))
      for (const value of Object.values(row)) {
        if (!(value instanceof Uint8Array) || value.length < 8) continue
        const bytes = Buffer.from(value.subarray(0, 32))
        for (const form of ["hex", "base64", "base64url"] as const) found.add(bytes.toString(form).slice(0, 10))
      }
  return found
}

test("A trace of a whole conversation holds none of its words, ids or keys", () =>
  withNeighbourhood(async (at) => {
    const lines: string[] = []
    const disks: Database[] = []
    const traced = {
      trace: traceOf("all", (line) => lines.push(line)),
      disk: (database: Database): Database => {
        disks.push(database)
        return database
      },
    }
    const alice = await at.person("alice", traced)
    const bob = await at.person("bob", traced)
    const chat = await alice.createGroup({ name: "Garden club", accountIds: [(await alice.findContact("bob")).accountId] })
    await until("bob has the group", async () => (await bob.chats()).length === 1)
    const bobsId = (await bob.chats())[0]?.id ?? ""
    await bob.acceptRequest(bobsId)
    const said = await alice.send(chat.id, { text: "the password is marzipan" })
    await until("bob has read it", async () => (await texts(bob, bobsId)).includes("the password is marzipan"))
    await bob.react(bobsId, (await bob.messages(bobsId)).messages.at(-1)?.id ?? "", "🎉", true)
    await bob.send(bobsId, { text: "certainly not" })
    await alice.edit(chat.id, said.id, "the password is nougat")
    await until("alice has the answer", async () => (await texts(alice, chat.id)).includes("certainly not"))
    assert.ok(await alice.settled(10_000))
    assert.ok(await bob.settled(10_000))

    const trace = lines.join("\n")
    for (const area of traceAreas) assert.match(trace, new RegExp(`^${area} `, "m"), `nothing of ${area}`)
    for (const line of lines) assert.match(line, /^[a-z]+ [a-z]+( [A-Za-z]+=([a-z][a-z_-]*|-?\d+(\.\d+)?))*$/, line)
    for (const word of ["alice", "bob", "garden", "password", "marzipan", "nougat", "certainly", "🎉", "127.0.0.1", "localhost"])
      assert.ok(!trace.toLowerCase().includes(word), word)
    for (const disk of disks) for (const secret of await secretsOf(disk)) assert.ok(!trace.includes(secret), "an id or a key")
  }))
