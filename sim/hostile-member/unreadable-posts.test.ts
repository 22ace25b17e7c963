// Posts that nobody can read, by a member with correct keys. Each device believes that it lost something and asks the others to let it in again, all at
// the same moment: they let each other in, and the group goes on without the help of the one who did it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { applyCommit, commit, protect } from "@nodoor/mls"
import { type Person, texts } from "../../drill/drill-world.ts"
import { type HostileMember, type Scene, withHostileMember } from "./hostile-member.ts"

const healed = async ({ virtual }: Person): Promise<boolean> =>
  (await virtual.disk.read("SELECT 1 AS one FROM healed WHERE NOT EXISTS (SELECT 1 FROM healing)")).length > 0

/** A message of an epoch that Mallory made for herself and told nobody of. */
function ofNoEpoch(mallory: HostileMember): Uint8Array {
  const { env, signer } = mallory.insider
  const state = mallory.state()
  const next = applyCommit(env, state, commit(env, state, { proposals: [], signer, forcePath: true }).staged).state
  return protect(env, next, { plaintext: new Uint8Array(256), signer }).message
}

/** Messages of the present epoch whose last byte was changed. */
function damaged(mallory: HostileMember, count: number): readonly Uint8Array[] {
  const { env, signer } = mallory.insider
  let state = mallory.state()
  return Array.from({ length: count }, (_, at) => {
    const { change, message } = protect(env, state, { plaintext: new Uint8Array(256).fill(at), signer })
    state = change.state
    return message.map((byte, place) => (place === message.length - 1 ? byte ^ 1 : byte))
  })
}

async function goesOn({ world, alice, bob, chatId, mallory }: Scene, posts: readonly Uint8Array[]): Promise<void> {
  const group = mallory.group()
  for (const body of posts) await mallory.insider.post(group, body)
  await world.until("everybody is let in again", async () => (await healed(alice)) && (await healed(bob)))
  await world.say(alice, chatId, "still here")
  await world.say(bob, chatId, "so am I")
  await world.rest(5_000)
  for (const person of [alice, bob]) assert.deepEqual((await texts(person, chatId)).slice(-2), ["still here", "so am I"], person.handle)
  const told = (await Promise.all([alice, bob].map(({ device }) => device.alarms()))).flat()
  assert.deepEqual(told, [])
}

test("A message of an epoch that never was has everybody ask to be let in again; they let each other in, and once more the same does nothing", () =>
  withHostileMember(async (scene) => {
    const { world, alice, bob, mallory } = scene
    await goesOn(scene, [ofNoEpoch(mallory)])
    await mallory.insider.post(mallory.group(), ofNoEpoch(mallory))
    await world.rest(5_000)
    assert.ok((await healed(alice)) && (await healed(bob)), "at most once a day")
  }))

test("Three messages in a row that nobody can read do not stop the group", () =>
  withHostileMember(async (scene) => await goesOn(scene, damaged(scene.mallory, 3))))

test("Whoever asks to be let in again sends nothing else meanwhile, and what was written goes out afterwards", () =>
  withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    await world.do(bob.device.close())
    await mallory.insider.post(mallory.group(), ofNoEpoch(mallory))
    await world.rest(5_000)
    await world.do(alice.device.send(chatId, { text: "written meanwhile" }))
    const posted: string[] = []
    world.adversary.posting.on("post", async ({ address }, honest) => {
      posted.push(address)
      return await honest()
    })
    await world.rest(60_000)
    assert.deepEqual(posted, [])
    await world.do(bob.virtual.start())
    await world.until("bob has it", async () =>
      (await texts({ ...bob, device: bob.virtual.device ?? bob.device }, chatId)).includes("written meanwhile"),
    )
  }))

test("A message that does not open has a line that waits, at its place", () =>
  withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    const [body = new Uint8Array()] = damaged(mallory, 1)
    await mallory.insider.post(mallory.group(), body)
    for (const { device, handle } of [alice, bob])
      await world.until(`${handle} has the line`, async () =>
        (await device.messages(chatId)).messages.some(({ content }) => content.type === "waiting"),
      )
  }))
