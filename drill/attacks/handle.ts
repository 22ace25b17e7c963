// A stranger under somebody else's handle: what the server says of an account's handle, against what its own log binds.

import { equal, toHex } from "@nodoor/bytes"
import { lookup } from "@nodoor/wire"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, type Person, texts } from "../drill-world.ts"

const secret = "only-for-the-real-bob"

/** From now on the server tells one person another handle of an account, whenever it is asked by id. */
function nameFor(world: DrillWorld, { asker, of, handle }: { asker: Person; of: Person; handle: string }): void {
  world.adversary.on(lookup, async ({ address, asked }, honest) => {
    const answer = await honest()
    const id = (asked as { readonly accountId?: Uint8Array }).accountId
    return address === asker.address && id !== undefined && equal(id, of.accountId) ? { ...answer, handle } : answer
  })
}

/** The stranger takes the name too, and writes. */
async function writeAsBob(world: DrillWorld, { alice, mallory, name }: { alice: Person; mallory: Person; name: string }): Promise<string> {
  await world.do(mallory.device.setName(name))
  const { accountId } = await world.do(mallory.device.findContact(alice.handle))
  const chat = await world.do(mallory.device.openChat(accountId))
  await world.say(mallory, chat.id, "It is me. I have another phone.")
  return chat.id
}

/** What `nodoor send @HANDLE` sends, and to whom, three days later. */
async function sendTo(
  world: DrillWorld,
  { alice, mallory, chatId, handle }: { alice: Person; mallory: Person; chatId: string; handle: string },
): Promise<Observation> {
  await world.rest(3 * 86_400_000)
  const gained: string[] = []
  const shown = (await alice.device.contacts()).filter((contact) => contact.handle === handle)
  if (shown.some(({ accountId }) => accountId === toHex(mallory.accountId))) gained.push(`the stranger is shown as @${handle}`)
  const titles = (await alice.device.chats()).map(({ title }) => title)
  if (new Set(titles).size < titles.length) gained.push("two people look the same")
  // As the CLI resolves `@HANDLE`: a known person's, else what the log proves now.
  const to = shown[0] ?? (await world.do(alice.device.findContact(handle).catch(notFound)))
  const chat = to && (await world.attempt(alice, alice.device.openChat(to.accountId)))
  if (chat !== undefined) await world.say(alice, chat.id, secret)
  if ((await texts(mallory, chatId)).includes(secret)) gained.push(`the stranger read what was sent to @${handle}`)
  return { gained, tried: "what a person writes to the handle three days later" }
}

/** Nobody has the handle: there is no chat to write to. */
function notFound(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "not_found") return undefined
  throw error
}

export const handleAttacks: readonly Attack[] = [
  {
    name: "handle-of-another",
    attack: "Stranger under the handle of a verified contact",
    did: "Asked for the account of a stranger who wrote to Alice, named @bob as its handle; the stranger took Bob's name too.",
    expected: { kind: "refused", code: "identity_handle_claim" },
    run: async (world) => {
      const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
      const chatWithBob = await world.chat(alice, bob)
      await world.do(alice.device.setVerified(toHex(bob.accountId), true))
      nameFor(world, { asker: alice, of: mallory, handle: "bob" })
      world.forgetSigns()
      const chatId = await writeAsBob(world, { alice, mallory, name: bob.virtual.name })
      const observed = await sendTo(world, { alice, mallory, chatId, handle: "bob" })
      const lost = (await texts(bob, chatWithBob)).includes(secret) ? [] : ["Bob did not get what was sent to @bob"]
      return { ...observed, gained: [...observed.gained, ...lost] }
    },
  },
  {
    name: "handle-of-nobody",
    attack: "Stranger under a handle that nobody registered",
    did: "Asked for the account of a stranger who wrote to Alice, named a handle that stands nowhere in the log.",
    expected: { kind: "refused", code: "identity_handle_claim" },
    run: async (world) => {
      const [alice, mallory] = [await world.person("alice"), await world.person("mallory")]
      nameFor(world, { asker: alice, of: mallory, handle: "bob" })
      world.forgetSigns()
      const chatId = await writeAsBob(world, { alice, mallory, name: "Bob" })
      return await sendTo(world, { alice, mallory, chatId, handle: "bob" })
    },
  },
  {
    name: "handle-withheld",
    attack: "Stranger whose handle the server does not tell",
    did: "Knew of no account when Alice's device asked for the handle of a stranger who wrote to her under Bob's name.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
      await world.chat(alice, bob)
      world.adversary.on(lookup, async ({ address, asked }, honest) => {
        const id = (asked as { readonly accountId?: Uint8Array }).accountId
        const about = address === alice.address && id !== undefined && equal(id, mallory.accountId)
        return await honest(about ? { accountId: new Uint8Array(16) } : undefined)
      })
      world.forgetSigns()
      const chatId = await writeAsBob(world, { alice, mallory, name: bob.virtual.name })
      return await sendTo(world, { alice, mallory, chatId, handle: "bob" })
    },
  },
]
