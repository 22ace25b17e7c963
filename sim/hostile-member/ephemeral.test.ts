// What is posted to those who are connected only: who is typing is a member, and the one who says so.

import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, encodeCbor, encodeTls, toHex, toUtf8 } from "@nodoor/bytes"
import type { ClientEvent } from "@nodoor/client"
import { type GroupState, exportSecret } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { Person } from "../../drill/drill-world.ts"
import { padded } from "./forged-content.ts"
import { type HostileMember, type Scene, withHostileMember } from "./hostile-member.ts"

interface Signal {
  readonly leafIndex: number
  readonly privateKey: Uint8Array
  readonly contentType?: string
}

/** As docs/protocol.md, "Ephemeral posts": anybody in the epoch can seal; the signature says who did. */
function seal(mallory: HostileMember, state: GroupState, signal: Signal): Uint8Array {
  const cipher = nodeProvider.suite(state.suite)
  const { leafIndex, privateKey, contentType = typing } = signal
  const context = encodeTls((w) => w.u64(state.epoch))
  const key = exportSecret(mallory.insider.env, state, { label: "nodoor ephemeral", context, lengthBytes: cipher.keyBytes })
  const nonce = nodeProvider.random(cipher.nonceBytes)
  const message = concat(
    toUtf8("nodoor/ephemeral/v1\0"),
    encodeTls((w) => w.vector(state.groupId).u64(state.epoch).raw(nonce).vector(toUtf8(contentType))),
  )
  const signature = nodeProvider.signEd25519({ privateKey, message })
  return encodeCbor([
    Number(state.epoch),
    nonce,
    cipher.seal(key, nonce, state.groupId, padded(encodeCbor([leafIndex, contentType, signature]))),
  ])
}

const typing = "application/vnd.nodoor.typing"

test("Somebody is shown as typing only if their own device signed it, in the present epoch, for this", async () => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, chatId, mallory } = scene
    const { privateKey } = mallory.insider.signer
    const own = mallory.state().ownLeafIndex
    assert.deepEqual(await typed(scene, { leafIndex: own, privateKey }), [toHex(mallory.accountId)])
    assert.deepEqual(await typed(scene, { leafIndex: mallory.leafOf(bob), privateKey }), [])
    assert.deepEqual(await typed(scene, { leafIndex: mallory.leafOf(alice), privateKey }), [])
    assert.deepEqual(await typed(scene, { leafIndex: 99, privateKey }), [])
    assert.deepEqual(await typed(scene, { leafIndex: own, privateKey, contentType: "text/plain" }), [])
    const old = mallory.state()
    await world.do(alice.device.rename(chatId, "Renamed"))
    await world.rest(3_000)
    assert.deepEqual(await typed(scene, { leafIndex: own, privateKey }, old), [])
    assert.deepEqual(await typed(scene, { leafIndex: own, privateKey }), [toHex(mallory.accountId)])
  })
})

test("Nobody is shown themselves as typing, nor anybody in a chat that they have not accepted", async () => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, chatId, mallory } = scene
    const [atAlice, atBob] = [listen(alice), listen(bob)]
    await world.do(alice.device.typing(chatId))
    await world.rest(1_000)
    assert.deepEqual([atAlice, atBob], [[], [toHex(alice.accountId)]])

    const dave = await world.person("dave")
    await world.do(alice.device.setRules(chatId, { add: "everyone", rename: "admins", post: "everyone" }))
    await world.rest(3_000)
    await mallory.add(dave)
    const atDave = listen(dave)
    const signal = { leafIndex: mallory.state().ownLeafIndex, privateKey: mallory.insider.signer.privateKey }
    await typed(scene, signal)
    assert.deepEqual(atDave, [])
    await world.do(dave.device.acceptRequest(chatId))
    await typed(scene, signal)
    assert.deepEqual(atDave, [toHex(mallory.accountId)])
  })
})

/** Fills with the accounts that somebody is shown as typing. */
function listen({ device }: Person): readonly string[] {
  const seen: string[] = []
  device.subscribe((event: ClientEvent) => {
    if (event.type === "typing") seen.push(event.accountId)
  })
  return seen
}

/** Accounts that Alice is shown as typing after this signal. */
async function typed({ world, alice, mallory }: Scene, signal: Signal, state = mallory.state()): Promise<readonly string[]> {
  const seen = listen(alice)
  await mallory.insider.post(mallory.group(), seal(mallory, state, signal), { ephemeral: true })
  await world.rest(1_000)
  return seen
}
