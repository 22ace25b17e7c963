// Keeping somebody in who is to go, and putting somebody out who is to stay.

import { toHex } from "@nodoor/bytes"
import { members, parseKeyPackage, protect } from "@nodoor/mls"
import { forgeContent, markdown } from "../../sim/hostile-member/forged-content.ts"
import { lastCommit, pretendToFollow } from "../../sim/successor/successor-scene.ts"
import type { Attack } from "../attack.ts"
import { Never, texts } from "../drill-world.ts"
import { addPhone } from "../adversary/stolen-phone.ts"
import { claimOf } from "./group.ts"

const hourMs = 3_600_000
const secret = "not-for-the-removed"
const ownWords = "still-among-you"

export const removalAttacks: readonly Attack[] = [
  {
    name: "insider-evict",
    attack: "A member evicts the admin by a replacement",
    did: "Had a member's device, which is no admin, commit the removal of Alice's leaf with the addition of the same device, so that she would be put out.",
    expected: { kind: "refused", code: "commit_refused_P7" },
    run: async (world) => {
      const { alice, bob, chatId, insider, group } = await world.infiltrated()
      const { keyPackage } = await claimOf(world, alice)
      const leaf = members(group.state).find(({ identity }) => toHex(identity.slice(-16)) === toHex(alice.deviceId))
      if (!leaf) throw new Never("Alice has a leaf")
      await insider.commit(group, [
        { type: "add", keyPackage: parseKeyPackage(insider.env, keyPackage) },
        { type: "remove", leafIndex: leaf.leafIndex },
      ])
      await world.rest(20_000)
      await world.say(bob, chatId, secret)
      await world.rest(20_000)
      const gone = (await alice.device.chat(chatId)).state === "left"
      const wroteOn = (await bob.device.chat(chatId)).state === "active" && !(await texts(alice, chatId)).includes(secret)
      return {
        gained: [...(gone ? ["Alice is out of her own group"] : []), ...(wroteOn ? ["the others write on without her"] : [])],
        tried: "a commit that MLS itself finds valid, which the server took",
      }
    },
  },
  {
    name: "removal-refused",
    attack: "A removal that the server does not take",
    did: "Had a lost phone in Alice's and Bob's group; when Bob revoked it, called every commit that would take it out a bad request.",
    expected: { kind: "refused", code: "removal_outstanding" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const phone = await addPhone(world, bob)
      const chatId = await world.group(alice, bob)
      await world.say(alice, chatId, "before-the-phone-was-lost")
      phone.tryAll(world.adversary.heard)
      if (!phone.holds("before-the-phone-was-lost")) throw new Never("the phone is in the group")
      const refused = world.adversary.posting.withhold("commit", ({ removes }) => removes.length > 0, "bad_request")
      await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
      await world.rest(26 * hourMs)
      for (const person of [alice, bob]) await world.say(person, chatId, secret)
      await world.rest(hourMs)
      phone.tryAll(world.adversary.heard)
      const readOn = phone.holds(secret)
      refused.stop()
      await world.rest(hourMs)
      const arrived = (await texts(bob, chatId)).filter((text) => text === secret).length
      return {
        gained: [...(readOn ? ["the lost phone reads on"] : []), ...(arrived < 2 ? ["what people wrote never arrives"] : [])],
        tried: `${refused.count} refusals in a day; when they ended, what had waited arrived`,
      }
    },
  },
  {
    name: "insider-unremovable",
    attack: "A member makes itself unremovable",
    did: "Had a member's device commit nothing but that its own seat ends; then Alice removed it, and Bob wrote.",
    expected: { kind: "refused", code: "commit_refused_removes" },
    run: async (world) => {
      const { alice, bob, mallory, chatId, insider, group } = await world.infiltrated()
      const { next } = await insider.commit(group, [], { removes: [group.own.seat] })
      await world.rest(10_000)
      await world.attempt(alice, alice.device.removeMember(chatId, toHex(mallory.accountId)))
      await world.rest(20_000)
      const already = world.adversary.heard.length
      await world.say(bob, chatId, secret)
      const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
      const readOn = insider.read(next, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
      const { length } = await alice.device.members(chatId)
      const goesOn = (await texts(alice, chatId)).includes(secret)
      return {
        gained: [...(length > 2 || !goesOn ? ["the group stands still"] : []), ...(readOn ? ["the member reads on"] : [])],
        tried: `${bodies.length} posts, of which the member's keys opened none`,
      }
    },
  },
  {
    name: "wrecker-comes-back",
    attack: "A member breaks a group and comes back",
    did: "Had a member's device break the group with a commit that nobody can open, then speak and commit on in the old group, and invite the others to a group of its own that says it follows; had the member's account added again; then Bob wrote.",
    expected: { kind: "refused", code: "commit_refused_decryption_failed" },
    run: async (world) => {
      const { alice, bob, mallory, chatId, insider, group } = await world.infiltrated()
      const given = (commit: Uint8Array): Uint8Array => commit.with(-1, (commit.at(-1) ?? 0) ^ 1)
      const { next } = await insider.commit(group, [], { given })
      const claimed = lastCommit(world, bob)
      for (const state of [group.state, next.state]) {
        const { plaintext } = forgeContent({ part: markdown(ownWords), accountId: mallory.accountId, groupId: state.groupId })
        await insider.post({ ...group, state }, protect(insider.env, state, { plaintext, signer: insider.signer }).message)
      }
      await insider.commit(next, [])
      await pretendToFollow(world, { insider }, { claimed, admins: [mallory], people: [alice, bob] })
      await world.rest(60_000)
      await world.attempt(alice, alice.device.addMembers(chatId, [toHex(mallory.accountId)]))
      await world.rest(10_000)
      const already = world.adversary.heard.length
      await world.say(bob, chatId, secret)
      const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
      const readOn = insider.read(next, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
      const isIn = (await alice.device.members(chatId)).some(({ accountId }) => accountId === toHex(mallory.accountId))
      const shown = await texts(alice, chatId)
      return {
        gained: [
          ...(shown.includes(secret) ? [] : ["the group stands still"]),
          ...(isIn ? ["the member is back"] : []),
          ...(readOn ? ["the member reads on"] : []),
          ...(shown.includes(ownWords) ? ["the member is heard"] : []),
        ],
        tried: `two commits, two posts and an invitation, all of which the server took; ${bodies.length} posts afterwards`,
      }
    },
  },
]
