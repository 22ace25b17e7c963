// Two views of one log, old views, and answers that are not what the log holds.

import { toHex } from "@nodoor/bytes"
import { decodeSearchResponse, encodeSearchResponse, signAccountState } from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { drawTokens, logSearch, session, tokenKeyEpoch, tokenKeys } from "@nodoor/wire"
import type { Attack, Observation } from "../attack.ts"
import { audit } from "../auditor.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { following } from "../adversary/ghost.ts"
import type { AdversaryLog } from "../adversary/adversary-log.ts"
import { addPhone } from "../adversary/stolen-phone.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const secret = "after-the-phone-was-lost"

interface Split {
  readonly alice: Person
  readonly carol: Person
  readonly chatId: string
  /** The log that everybody but Alice is shown. */
  readonly others: AdversaryLog
  readonly gained: readonly string[]
}

/** Alice is shown a log in which Bob's account was reset to a ghost; everybody else one in which it was not. */
async function split(world: DrillWorld, { witnessed = false }: { readonly witnessed?: boolean } = {}): Promise<Split> {
  if (witnessed) await world.adversary.log.nameWitness(() => world.adversary.publishLog())
  const [alice, bob, carol] = [await world.person("alice"), await world.person("bob", { older: true }), await world.person("carol")]
  await world.chat(alice, bob)
  const chatId = await world.chat(alice, carol)
  const forAlice = world.adversary.fork("alice")
  if (witnessed) forAlice.forsakeWitness()
  world.adversary.logFor = (address) => (address === alice.address ? forAlice : world.adversary.log)
  world.adversary.log.tamper = (row) => (row.version > 0 ? undefined : row)
  forAlice.tamper = (row) => (row.version > 0 ? row : undefined)
  const before = await world.adversary.account(bob.accountId)
  const ghost = world.ghost(bob.accountId)
  const state = following(before, [ghost.listed(1)], "reset")
  const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
  await world.adversary.appendUnchecked(state, signAccountState(serverCrypto, { state, signers }))
  await world.person("dave")
  await world.rest(2 * hourMs)
  const seen = async (person: Person): Promise<number> => {
    const table = "SELECT MAX(version) AS v FROM account_state WHERE account_id = ?"
    return Number((await person.virtual.disk.read(table, [bob.accountId]))[0]?.["v"] ?? -1)
  }
  const swapped = (await seen(alice)) > (await seen(bob))
  // Alice is told of Bob's reset. The adversary wants her to believe in it.
  if (!witnessed) world.forgetSigns()
  return { alice, carol, chatId, others: world.adversary.log, gained: swapped ? ["Alice has other keys of Bob's than Bob has"] : [] }
}

/** The newest checkpoint that the person's device verified, as the log signed it. */
async function checkpointOf(person: Person): Promise<Uint8Array> {
  const [row] = await person.virtual.disk.read("SELECT note FROM log_head WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1")
  if (!(row?.["note"] instanceof Uint8Array)) throw new Never(`${person.handle} has a checkpoint`)
  return row["note"]
}

async function sizeOf(person: Person): Promise<number> {
  return (await person.device.logStatus()).size ?? 0
}

/** Bob's stolen phone is removed, and Alice is shown a log that does not say so. Then Carol, who is new, wants to talk to her. */
async function frozen(
  world: DrillWorld,
  { aheadMs, serverStill = false }: { readonly aheadMs: number; readonly serverStill?: boolean },
): Promise<Observation> {
  world.adversary.log.aheadMs = aheadMs
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const phone = await addPhone(world, bob)
  await world.chat(alice, bob)
  await world.rest(2 * hourMs)
  const old = world.adversary.fork("old")
  old.frozen = true
  world.adversary.logFor = (address) => (address === alice.address ? old : world.adversary.log)
  await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
  const timeMs = world.time.nowMs()
  if (serverStill) world.adversary.on(session, async (_call, honest) => ({ ...(await honest()), timeMs, expiresAtMs: timeMs + hourMs }))
  await world.rest(4 * dayMs)
  await world.person("carol")
  const found = await world.attempt(alice, alice.device.findContact("bob"))
  const believed = (await sizeOf(alice)) < (await sizeOf(bob))
  return {
    gained: [...(believed ? ["Alice's device believes an old log"] : []), ...(found ? ["Alice's device lets somebody in by it"] : [])],
    tried: `${await sizeOf(alice)} entries instead of ${await sizeOf(bob)}`,
  }
}

/** Alice is handed keys for tokens that nobody else gets. */
async function tagged(world: DrillWorld): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  await world.chat(alice, bob)
  const [sinceEpoch, counts] = [tokenKeyEpoch(world.time.nowMs()), { handed: 0, drawn: 0 }]
  world.adversary.on(tokenKeys, async ({ address }, honest) => {
    const { keys } = await honest()
    if (address !== alice.address) return { keys }
    counts.handed++
    return { keys: keys.map(({ epoch }) => ({ epoch, key: world.adversary.ownTokenKey().key })) }
  })
  world.adversary.on(drawTokens, async ({ address, asked }, honest) => {
    if (address === alice.address && asked.epoch > sinceEpoch) counts.drawn++
    return await honest()
  })
  await world.rest(4 * dayMs)
  if (counts.handed === 0) throw new Never("alice asks for the keys")
  return {
    gained: counts.drawn > 0 ? ["Alice draws tokens that only she has"] : [],
    tried: `handed to her ${counts.handed} times in four days`,
  }
}

export const viewAttacks: readonly Attack[] = [
  {
    name: "token-key-of-ones-own",
    attack: "Tagging by a key for tokens",
    did: "Handed Alice another key for tokens than everybody else, so that whatever she spends later would be known to be hers.",
    expected: { kind: "refused", code: "token_key_differs" },
    run: (world) => tagged(world),
  },
  {
    name: "split-view-gossip",
    attack: "Split view, found by gossip",
    did: "Showed Alice a log with a reset of Bob's account, which has no recovery key and of which she is told, and everybody else one without; then Carol wrote to Alice.",
    expected: { kind: "detected", code: "log_tree_fork" },
    run: async (world) => {
      const { carol, chatId, gained } = await split(world)
      await world.say(carol, chatId, "how are you?")
      await world.rest(hourMs)
      return { gained, tried: "two logs of one size under the log's own key" }
    },
  },
  {
    name: "split-view-qr",
    attack: "Split view, found by a scanned code",
    did: "The same; nobody writes, but Carol scans Alice's safety code.",
    expected: { kind: "detected", code: "forked" },
    run: async (world) => {
      const { alice, carol, gained } = await split(world)
      const { qr } = await world.do(alice.device.safety(toHex(carol.accountId)))
      const compared = await world.attempt(carol, carol.device.compareSafety(toHex(alice.accountId), qr))
      if (compared?.log === "forked") world.tell("carol", "comparison", "forked")
      return { gained, tried: "two logs of one size under the log's own key" }
    },
  },
  {
    name: "split-view-auditor",
    attack: "Split view, found by an auditor",
    did: "The same; nobody writes, but an auditor who replayed the log that everybody else sees is shown the checkpoint that Alice's device verified.",
    expected: { kind: "detected", code: "tree_fork" },
    run: async (world) => {
      const { alice, others, gained } = await split(world)
      const found = audit(others, await checkpointOf(alice))
      if (found !== undefined) world.tell("auditor", "audit", found)
      return { gained, tried: "two logs of one size under the log's own key" }
    },
  },
  {
    name: "split-view-unfound",
    attack: "Split view, of people who never meet",
    did: "The same; and whoever sees one log never hears of anybody who sees the other.",
    expected: { kind: "unnoticed" },
    limit:
      "Two logs that never meet are found by nobody but witnesses. This log has none and each device says so: not independently witnessed; docs/threat-model.md.",
    run: async (world) => {
      const { gained } = await split(world)
      await world.rest(2 * hourMs)
      return { gained, tried: "two logs of one size under the log's own key" }
    },
  },
  {
    name: "split-view-witnessed",
    attack: "Split view of a witnessed log",
    did: "The same with a log whose policy names an independent witness, who signs one of the two and not the other.",
    expected: { kind: "refused", code: "log_witness_quorum" },
    run: async (world) => {
      const { gained } = await split(world, { witnessed: true })
      return { gained, tried: "two logs of one size under the log's own key, one of them with the witness's statement" }
    },
  },
  {
    name: "rollback",
    attack: "Rollback of the log",
    did: "After the log had grown, showed Alice an older copy of it.",
    expected: { kind: "refused", code: "log_tree_smaller" },
    run: async (world) => {
      const alice = await world.person("alice")
      const old = world.adversary.fork("old")
      old.frozen = true
      await world.person("dave")
      await world.rest(2 * hourMs)
      const before = await sizeOf(alice)
      world.adversary.logFor = (address) => (address === alice.address ? old : world.adversary.log)
      await world.rest(2 * hourMs)
      const after = await sizeOf(alice)
      return {
        gained: after < before ? ["Alice's device went back"] : [],
        tried: `from ${before} entries to ${old.keeper.status().publishedSize}`,
      }
    },
  },
  {
    name: "stale-head",
    attack: "Stale head",
    did: "Let the log grow for everybody but Alice, who was shown the same head over and over.",
    expected: { kind: "detected", code: "gossip_withheld" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const old = world.adversary.fork("old")
      old.frozen = true
      world.adversary.logFor = (address) => (address === alice.address ? old : world.adversary.log)
      await world.person("dave")
      await world.rest(2 * hourMs)
      await world.say(bob, chatId, "anything new?")
      await world.rest(3 * hourMs)
      const behind = (await sizeOf(alice)) < (await sizeOf(bob))
      return {
        gained: behind ? ["Alice's device believes an old log"] : [],
        tried: `${await sizeOf(alice)} entries instead of ${await sizeOf(bob)}`,
      }
    },
  },
  {
    name: "frozen-log",
    attack: "Frozen log",
    did: "Showed Alice the log as it was before Bob removed a stolen phone, for four days; nobody wrote to her.",
    expected: { kind: "detected", code: "log_closed" },
    run: (world) => frozen(world, { aheadMs: 0 }),
  },
  {
    name: "frozen-log-ahead",
    attack: "Frozen log, dated ahead",
    did: "The same; before that the log's epochs were dated ten days ahead, so that the last one looks fresh for as long.",
    expected: { kind: "detected", code: "log_closed" },
    run: (world) => frozen(world, { aheadMs: 10 * dayMs }),
  },
  {
    name: "frozen-log-slow",
    attack: "Frozen log, with a clock to match",
    did: "The same; the server also said that no time had passed, so that Alice's clock looks wrong and the last epoch fresh.",
    expected: { kind: "detected", code: "log_closed" },
    run: (world) => frozen(world, { aheadMs: 0, serverStill: true }),
  },
  {
    name: "omitted-update",
    attack: "Update accepted and then omitted",
    did: "Took Bob's removal of a lost phone, answered as if all were well, and never logged it.",
    expected: { kind: "detected", code: "own_value_changed" },
    run: async (world) => {
      const bob = await world.person("bob")
      const phone = await addPhone(world, bob)
      world.adversary.log.tamper = (row) => (row.version > 1 ? undefined : row)
      await world.attempt(bob, bob.device.removeOwnDevice(toHex(phone.deviceId)))
      const label = new Uint8Array([1, ...bob.accountId])
      const logged = world.adversary.log.keeper.latestVersion({ label })
      const stored = (await world.adversary.account(bob.accountId)).state.version
      if (stored !== 2) throw new Never("the server takes the update")
      return {
        gained: logged === 1 ? ["the phone stays in the account as others see it"] : [],
        tried: "version 2 stored, version 1 logged",
      }
    },
  },
  {
    name: "two-openings",
    attack: "Two openings of one version",
    did: "Answered Alice's search for Bob with another state than the one that the map commits to.",
    expected: { kind: "refused", code: "identity_commitment" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const ghost = world.ghost(bob.accountId, bob.deviceId)
      const before = await world.adversary.account(bob.accountId)
      const state = { ...before.state, devices: [ghost.listed(0)] }
      const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
      const other = signAccountState(serverCrypto, { state, signers })
      let swapped = 0
      world.adversary.on(logSearch, async ({ address }, honest) => {
        const { response } = await honest()
        if (address !== alice.address) return { response }
        const decoded = decodeSearchResponse(response)
        const answers = decoded.answers.map((answer) => {
          if (answer.status !== "present" || toHex(answer.value) !== toHex(before.signed)) return answer
          swapped++
          return { ...answer, value: other }
        })
        return { response: encodeSearchResponse({ ...decoded, answers }) }
      })
      const contact = await world.attempt(alice, alice.device.findContact("bob"))
      if (swapped === 0) throw new Never("an answer is swapped")
      return { gained: contact ? ["Alice takes the adversary's keys for Bob's"] : [], tried: `${swapped} answers opened to other keys` }
    },
  },
  {
    name: "revoked-leaf",
    attack: "A leaf that survives its revocation",
    did: "Had a lost phone in Alice's and Bob's group; when Bob revoked it, refused every commit of his that would take it out.",
    expected: { kind: "refused", code: "removal_outstanding" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const phone = await addPhone(world, bob)
      const chatId = await world.group(alice, bob)
      await world.say(alice, chatId, "before-the-phone-was-lost")
      phone.tryAll(world.adversary.heard)
      if (!phone.holds("before-the-phone-was-lost")) throw new Never("the phone is in the group")
      world.adversary.posting.refuse("commit", bob.address)
      await world.do(bob.device.removeOwnDevice(toHex(phone.deviceId)))
      await world.rest(26 * hourMs)
      await world.say(alice, chatId, secret)
      await world.rest(hourMs)
      if (!(await texts(bob, chatId)).includes(secret)) throw new Never("bob has alice's message")
      phone.tryAll(world.adversary.heard)
      return {
        gained: phone.holds(secret) ? ["the lost phone reads on"] : [],
        tried: "the phone opened what came before, and nothing after a day",
      }
    },
  },
]
