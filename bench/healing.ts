// Healing: how soon a device that cannot go on in a group is in it again, and has what was said meanwhile. Real devices, and a real server in a
// process of its own.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Device, openDevice } from "@nodoor/client"
import { registerBareAccount } from "./client/bare-account.ts"
import { Devices } from "./client/devices.ts"
import { heard, until } from "./client/waiting.ts"
import { formatTiming, timingOf } from "./measurement.ts"
import type { BenchOptions, Section } from "./section.ts"
import { startServerProcess } from "./server/server-process.ts"

const settleMs = 120_000

interface Scene {
  readonly devices: Devices
  /** Made the groups; her leaf is the lowest, so that she answers at once. */
  readonly alice: Device
  readonly carol: Device
}

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const [few, many, large] = tiny ? [1, 1, 6] : [20, 5, 100]
  const folder = mkdtempSync(join(tmpdir(), "nodoor-healing-"))
  const server = await startServerProcess(join(folder, "server"))
  try {
    const devices = new Devices(folder, server)
    const scene = { devices, alice: await devices.create("alice"), carol: await devices.create("carol") }
    const bob = await devices.create("bob")
    progress("groups of three")
    const groups = await groupsOf(scene, bob, { count: few * 3, others: 0 })
    progress(`groups of ${large}`)
    const largeGroups = await groupsOf(scene, bob, { count: many, others: large - 3 })
    for (const device of [scene.alice, scene.carol, bob]) await settles(device)
    await bob.close()

    progress("commits that only one device cannot read")
    const small = await afterCommits(scene, groups.slice(0, few))
    const inLarge = await afterCommits(scene, largeGroups)
    progress("states that are gone")
    const first = await afterWriting(scene, groups.slice(few, few * 2))
    await scene.alice.close()
    const others = await afterWriting(scene, groups.slice(few * 2))
    await scene.carol.close()
    const row = (name: string, { healthy, healed }: Figures): string[] => [
      name,
      formatTiming(timingOf(healthy)),
      formatTiming(timingOf(healed)),
      "< 5 s",
    ]
    return {
      title: "Healing",
      tables: [
        {
          caption: "A device that cannot go on in a group, until it is in again",
          columns: ["", "with nothing lost", "healing", "goal"],
          rows: [
            row("it cannot read a commit in a group of three: until it shows the new name of the group", small),
            row(`the same in a group of ${large}`, inLarge),
            row("the state of its group is gone, and it writes: until another member shows the message", first),
            row("the same when the one who would answer at once is away", others),
          ],
        },
      ],
      notes: [
        `All devices run in one process, the server in another on the same machine, without a network between them; stores are encrypted and durable. A group heals once, for a seat may ask once in an hour: ${few} groups for each row, ${many} of the large ones, of whose members three have a running device. *With nothing lost*: another device that hears of the same commit, and the same device with its next message. Nobody does anything but rename the group, or write.`,
      ],
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Figures {
  /** Microseconds. */
  readonly healthy: readonly number[]
  readonly healed: readonly number[]
}

/** Alice renames groups of which Bob has lost the keys of his path; Carol lost nothing. */
async function afterCommits({ devices, alice, carol }: Scene, groups: readonly string[]): Promise<Figures> {
  const bob = await damaged(devices, groups, "UPDATE mls_record SET value = zeroblob(length(value)) WHERE key LIKE 'key/%'")
  const name = "Another name"
  const figures: { healthy: number; healed: number }[] = []
  for (const id of groups) {
    const startMs = performance.now()
    const shows = async (device: Device): Promise<number> => {
      await heard(device, (event) => event.type === "chat" && event.id === id && event.chat?.title === name)
      return usSince(startMs)
    }
    const both = [shows(carol), shows(bob)] as const
    await alice.rename(id, name)
    const [healthy, healed] = await Promise.all(both)
    figures.push({ healthy, healed })
    for (const device of [alice, carol, bob]) await settles(device)
  }
  await bob.close()
  return { healthy: figures.map(({ healthy }) => healthy), healed: figures.map(({ healed }) => healed) }
}

/** Bob writes in groups of which he has lost the state, and once more when he is in again. */
async function afterWriting({ devices, carol }: Scene, groups: readonly string[]): Promise<Figures> {
  const bob = await damaged(devices, groups, "DELETE FROM mls_record WHERE key = 'epoch'")
  const [healthy, healed]: [number[], number[]] = [[], []]
  for (const id of groups) {
    for (const times of [healed, healthy]) {
      const startMs = performance.now()
      const shown = heard(carol, (event) => event.type === "chat" && event.id === id && event.incoming.length > 0)
      await bob.send(id, { text: "Written without knowing of it." })
      await shown
      times.push(usSince(startMs))
      for (const device of [carol, bob]) await settles(device)
    }
  }
  await bob.close()
  return { healthy, healed }
}

/** Bob's device, opened with what this leaves of the records of these groups. */
async function damaged(devices: Devices, groups: readonly string[], sql: string): Promise<Device> {
  const ports = await devices.ports("bob")
  const marks = groups.map(() => "?").join(", ")
  const inGroups = `group_id IN (SELECT group_id FROM chat WHERE lower(hex(chat_id)) IN (${marks}))`
  await ports.database.commit([{ sql: `${sql} AND ${inGroups}`, values: [...groups] }])
  const bob = await openDevice(ports)
  await settles(bob)
  return bob
}

/** Ids of groups of Alice, Bob, Carol and as many accounts without a running device. */
async function groupsOf(
  { devices, alice, carol }: Scene,
  bob: Device,
  { count, others }: { readonly count: number; readonly others: number },
): Promise<string[]> {
  const ids: string[] = []
  for (let nth = 0; nth < count; nth++) {
    const handles = Array.from({ length: others }, (_, at) => `other-${nth}-${at}`)
    for (const handle of handles) await registerBareAccount(devices.counted.network, devices.server, handle)
    const contacts = await Promise.all(["bob", "carol", ...handles].map((handle) => alice.findContact(handle)))
    const { id } = await alice.createGroup({ name: `Group ${nth}`, accountIds: contacts.map(({ accountId }) => accountId) })
    for (const device of [bob, carol]) {
      await until(async () => (await device.chats()).some((chat) => chat.id === id))
      if ((await device.chat(id)).state === "request") await device.acceptRequest(id)
    }
    ids.push(id)
  }
  return ids
}

async function settles(device: Device): Promise<void> {
  if (!(await device.settled(settleMs))) throw new TypeError("a device does not settle")
}

function usSince(startMs: number): number {
  return (performance.now() - startMs) * 1_000
}
