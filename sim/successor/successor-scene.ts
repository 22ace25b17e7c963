// People in a group, one of whom has changed code and breaks it.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { bytes, encodeTls, equal, toHex } from "@nodoor/bytes"
import { parseKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { policyExtension } from "../../drill/adversary/forgery.ts"
import { predecessorType } from "../../drill/adversary/seats.ts"
import { DrillWorld, type Person, texts } from "../../drill/drill-world.ts"
import { foundGroup, seatOf } from "../../drill/adversary/hand-made-group.ts"
import { HostileMember } from "../hostile-member/hostile-member.ts"

/** Long enough for the first who may make the next group, and for everybody to come. */
export const soonMs = 30_000
/** Long enough for the second. */
export const laterMs = 120_000

export interface Scene {
  readonly world: DrillWorld
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly mallory: HostileMember
  readonly chatId: string
}

/** Alice made the group. She, Bob and Carol have written, so their seats are their own. */
export async function withWrecker(run: (scene: Scene) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob, carol, person] = [
      await world.person("alice"),
      await world.person("bob"),
      await world.person("carol"),
      await world.person("mallory"),
    ]
    const chatId = await world.group(alice, bob, carol, person)
    for (const each of [bob, carol]) await world.say(each, chatId, `${each.handle} is here`)
    await run({ world, alice, bob, carol, chatId, mallory: await HostileMember.seize(world, person, chatId) })
  })
}

/** A commit whose list for the server is not what it does: it ends the place of everybody named, or the wrecker's own. */
export async function wreck(by: HostileMember, ...people: readonly Person[]): Promise<void> {
  const ending = people.length > 0 ? people : [by.person]
  await by.commit([], { removes: ending.map(({ deviceId }) => seatOf(by.group(), deviceId)?.seat ?? new Uint8Array()) })
}

/** The accounts in somebody's chat. */
export async function inside(person: Person, chatId: string): Promise<readonly string[]> {
  return (await person.device.members(chatId)).map(({ accountId }) => accountId).toSorted()
}

export function accounts(...people: readonly Pick<Person, "accountId">[]): readonly string[] {
  return people.map(({ accountId }) => toHex(accountId)).toSorted()
}

/** The group in which somebody's chat is. */
export async function groupOf(person: Person, chatId: string): Promise<string> {
  const [row] = await person.virtual.disk.read("SELECT group_id FROM chat WHERE chat_id = ?", [Buffer.from(chatId, "hex")])
  return toHex(row?.["group_id"] as Uint8Array)
}

/** All of them are in one group, of exactly them, and each hears every other one there, once. */
export async function assertTogether(world: DrillWorld, chatId: string, people: readonly Person[]): Promise<void> {
  const groups = new Set(await Promise.all(people.map((person) => groupOf(person, chatId))))
  assert.equal(groups.size, 1, "one group")
  for (const person of people) {
    assert.deepEqual(await inside(person, chatId), accounts(...people), person.handle)
    await world.say(person, chatId, `from ${person.handle} in ${[...groups][0]?.slice(0, 8)}`)
  }
  await world.rest(20_000)
  for (const person of people)
    for (const other of people) {
      const said = `from ${other.handle} in ${[...groups][0]?.slice(0, 8)}`
      assert.equal((await texts(person, chatId)).filter((text) => text === said).length, 1, `${person.handle} hears ${other.handle}`)
    }
}

/** What a group says of the one that it follows. */
export interface Claimed {
  readonly groupId: Uint8Array
  readonly epoch: number
  readonly commitHash: Uint8Array
  readonly breaker: Person
}

/** What the last commit that the server heard of would be named as. */
export function lastCommit(world: DrillWorld, breaker: Person): Claimed {
  const item = world.adversary.heard.findLast((one) => one.type === "commit")
  if (item?.type !== "commit") throw new TypeError("no commit")
  return { groupId: item.groupId, epoch: item.epoch, commitHash: nodeProvider.sha256(item.commit), breaker }
}

/** Makes a group of the own devices by hand, with every device of the account in it, and introduces them. */
export async function makeSelfGroup(
  world: DrillWorld,
  { insider, accountId }: Pick<HostileMember, "insider" | "accountId">,
): Promise<void> {
  const own = bytes<"GroupId">(randomBytes(32))
  const { held, item } = foundGroup(insider, own, [policyExtension({ kind: "self", name: "", admins: [] })])
  await world.adversary.hand(item)
  const claims = (await insider.claims(accountId)).filter(({ deviceId }) => !equal(deviceId, insider.deviceId))
  const adds = claims.map(({ keyPackage }) => ({ type: "add" as const, keyPackage: parseKeyPackage(insider.env, keyPackage) }))
  await insider.introduce(await insider.commit(held, adds), claims)
  await world.rest(5_000)
}

/** Makes a group by hand that says that it follows, with these people in it, and introduces them. */
export async function pretendToFollow(
  world: DrillWorld,
  { insider }: Pick<HostileMember, "insider">,
  { claimed, admins, people }: { readonly claimed: Claimed; readonly admins: readonly Person[]; readonly people: readonly Person[] },
): Promise<void> {
  const { groupId, epoch, commitHash, breaker } = claimed
  const data = encodeTls((w) => w.raw(groupId).u64(BigInt(epoch)).raw(commitHash).raw(breaker.accountId).raw(breaker.deviceId))
  const policy = policyExtension({ kind: "group", name: "Weekend", admins: admins.map(({ accountId }) => accountId) })
  const own = bytes<"GroupId">(randomBytes(32))
  const { held, item } = foundGroup(insider, own, [policy, { type: predecessorType, data }])
  await world.adversary.hand(item)
  const claims = (await Promise.all(people.map(({ accountId }) => insider.claims(accountId)))).flat()
  const adds = claims.map(({ keyPackage }) => ({ type: "add" as const, keyPackage: parseKeyPackage(insider.env, keyPackage) }))
  await insider.introduce(await insider.commit(held, adds), claims)
  await world.rest(5_000)
}
