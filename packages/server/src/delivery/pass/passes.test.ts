import assert from "node:assert/strict"
import { constants, generateKeyPairSync, sign } from "node:crypto"
import { test } from "node:test"
import { type TokenKey, encodeToken, tokenChallenge, tokenInput, tokenKeyDays, tokenKeyEpoch } from "@nodoor/wire"
import { sha256 } from "../../core/crypto.ts"
import {
  type PostClient,
  bodies,
  commitItem,
  createItem,
  newKnownGroup,
  newSeat,
  postClient,
  postItem,
  readClient,
  told,
} from "../../fixtures/delivery-member.ts"
import { type DeliveryWorld, deliveryOrigin, deliveryStartMs, deliveryWorld, pairIn } from "../../fixtures/delivery-world.ts"
import { random } from "../../fixtures/device.ts"
import { openInProcessDeliveryStore } from "../store/sqlite/in-process.ts"
import { Passes, defaultBudgets } from "./passes.ts"

const hourMs = 3_600_000
const startHour = Math.floor(deliveryStartMs / hourMs)
const epoch = tokenKeyEpoch(deliveryStartMs)

/** An issuer as RFC 9578 section 6.5 has it: a key of 2,048 bits whose SubjectPublicKeyInfo names RSASSA-PSS with SHA-384 and 48 bytes of salt. */
function issuer() {
  const options = { modulusLength: 2048, hashAlgorithm: "sha384", mgf1HashAlgorithm: "sha384", saltLength: 48 as never }
  const { publicKey, privateKey } = generateKeyPairSync("rsa-pss", options)
  const key = new Uint8Array(publicKey.export({ format: "der", type: "spki" }))
  const issue = ({ origin = deliveryOrigin, use = "pass" as "pass" | "claim", keyId = sha256(key) } = {}): Uint8Array => {
    const front = { nonce: random(32), challengeDigest: sha256(tokenChallenge(origin, use)), keyId }
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
    return encodeToken({ ...front, authenticator: new Uint8Array(sign("sha384", tokenInput(front), { key: privateKey, ...padding })) })
  }
  return { key, issue }
}
const [present, previous, older, coming] = [issuer(), issuer(), issuer(), issuer()]
const keys: TokenKey[] = [present, previous, older, coming].map(({ key }, at) => ({
  epoch: [epoch, epoch - 1, epoch - 2, epoch + 1][at] ?? 0,
  key,
}))

async function opens(world: DeliveryWorld, data: Uint8Array, kind: "token" | "pass" = "token"): Promise<string[]> {
  const client = postClient(world.half, data, { address: "192.0.2.9" }, kind)
  return told(await client.take(1))
}

test("a token buys a pass, which opens later streams of its kind", async () => {
  const world = await deliveryWorld({ tokenKeys: () => keys })
  const client = postClient(world.half, present.issue(), { address: "192.0.2.9" }, "token")
  const [opened] = await client.take()
  assert.ok(opened?.type === "opened")
  assert.deepEqual([opened.expiryHour, opened.hour, opened.postsLeft], [startHour + 23, startHour, defaultBudgets.posts])
  const [again] = await postClient(world.half, opened.pass).take()
  assert.ok(again?.type === "opened" && again.expiryHour === opened.expiryHour)
  assert.deepEqual(await opens(world, previous.issue()), ["opened"])
  const [asReading] = await readClient(world.half, opened.pass).take()
  assert.ok(asReading?.type === "closed" && asReading.code === "pass_invalid")
})

test("a token that is forged, spent, of a key that is over or to come, for another use or for another server buys nothing", async () => {
  const world = await deliveryWorld({ tokenKeys: () => keys })
  const token = present.issue()
  assert.deepEqual(await opens(world, token), ["opened"])
  assert.deepEqual(await opens(world, token), ["closed token_spent"])
  const forged = present.issue()
  for (const at of [1, 2, 40, 70, 97, 98, 353]) {
    const changed = forged.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.deepEqual(await opens(world, changed), ["closed token_invalid"], String(at))
  }
  assert.deepEqual(await opens(world, forged), ["opened"], "the token itself is in order")
  for (const bad of [
    older.issue(),
    coming.issue(),
    issuer().issue({ keyId: sha256(present.key) }),
    present.issue({ use: "claim" }),
    present.issue({ origin: "other.example" }),
    issuer().issue(),
    random(354),
    random(10),
  ])
    assert.deepEqual(await opens(world, bad), ["closed token_invalid"])
})

test("the same token on many streams at once buys one pass, and no token opens anything while the store cannot say", async () => {
  const world = await deliveryWorld({ tokenKeys: () => keys })
  const token = present.issue()
  const answers = await Promise.all(Array.from({ length: 8 }, () => opens(world, token)))
  assert.equal(answers.filter(([answer]) => answer === "opened").length, 1)
  assert.equal(answers.filter(([answer]) => answer === "closed token_spent").length, 7)
  const store = openInProcessDeliveryStore(":memory:")
  const failing = await deliveryWorld({
    tokenKeys: () => keys,
    store: { ...store, spendToken: () => Promise.reject(new TypeError("gone")) },
  })
  assert.deepEqual(await opens(failing, present.issue()), ["closed unavailable"])
})

test("a spent token stays spent for as long as its key is accepted, and a new key is noticed when its epoch begins", async () => {
  const store = openInProcessDeliveryStore(":memory:")
  const world = await deliveryWorld({ tokenKeys: () => keys, store })
  const token = present.issue()
  assert.deepEqual(await opens(world, token), ["opened"])
  world.clock.set(deliveryStartMs + tokenKeyDays * 24 * hourMs)
  await world.half.sweep()
  assert.deepEqual(await opens(world, token), ["closed token_spent"])
  assert.deepEqual(await opens(world, coming.issue()), ["opened"])
  world.clock.set(deliveryStartMs + 2 * tokenKeyDays * 24 * hourMs)
  await world.half.sweep()
  assert.deepEqual(await opens(world, token), ["closed token_invalid"])
})

test("a pass that was changed in any bit, made by another server, or of another day opens nothing", async () => {
  const world = await deliveryWorld()
  const key = await world.store.setting({ name: "pass_key", value: random(32) })
  const made = (by: Uint8Array, hour: number) => new Passes(by, random, defaultBudgets).issue("post", hour).bytes
  const pass = made(key, startHour)
  assert.deepEqual(await opens(world, pass, "pass"), ["opened"])
  for (let at = 0; at < pass.length; at++) {
    const changed = pass.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.deepEqual(await opens(world, changed, "pass"), ["closed pass_invalid"], String(at))
  }
  for (const bad of [made(random(32), startHour), made(key, startHour - 24), made(key, startHour + 1), pass.subarray(1), new Uint8Array()])
    assert.deepEqual(await opens(world, bad, "pass"), ["closed pass_invalid"])
  assert.deepEqual(await opens(world, made(key, startHour - 23), "pass"), ["opened"], "its last hour")
})

test("a stream ends when its pass expires, and passes outlive a restart", async () => {
  const store = openInProcessDeliveryStore(":memory:")
  const world = await deliveryWorld({ store, tokenKeys: () => keys })
  const client = postClient(world.half, present.issue(), { address: "192.0.2.9" }, "token")
  const [opened] = await client.take()
  assert.ok(opened?.type === "opened")
  const restarted = await deliveryWorld({ store })
  assert.deepEqual(await opens(restarted, opened.pass, "pass"), ["opened"])
  world.clock.set((opened.expiryHour + 1) * hourMs - 1)
  await world.half.upkeep()
  client.send({ type: "ping" })
  assert.deepEqual(told(await client.take()), ["pong"])
  world.clock.set((opened.expiryHour + 1) * hourMs)
  await world.half.upkeep()
  assert.deepEqual(told(await client.take()), ["closed pass_invalid"])
})

test("a pass pays for so many posts and groups and no more, on all its streams together, and large bodies cost more", async () => {
  const world = await deliveryWorld({ budgets: { posts: 20, groups: 1, blobBytes: 0 } })
  const { group, poster } = await pairIn(world)
  // Creating and committing cost four each, the commit's body one more.
  poster.send(createItem(newKnownGroup(), newSeat(), 5))
  assert.deepEqual(told(await poster.take()), ["refused 5 pass_used_up"])
  const pass = new Passes(await world.store.setting({ name: "pass_key", value: random(32) }), random, defaultBudgets).issue(
    "post",
    startHour,
  ).bytes
  const [one, two] = [postClient(world.half, pass), postClient(world.half, pass)]
  const [opened] = await one.take()
  assert.ok(opened?.type === "opened" && opened.postsLeft === 20)
  one.send(...bodies(10).map((body, at) => postItem(group, body, { ref: at })))
  await one.take(10)
  two.send(postItem(group, random(9 * 16_384), { ref: 1 }), postItem(group, random(9), { ref: 2 }), postItem(group, random(9), { ref: 3 }))
  assert.deepEqual(told((await two.take(4)).slice(1)).sort(), ["placed 1 12", "placed 2 13", "refused 3 pass_used_up"])
})

test("a commit costs its pass what its list of seats weighs, too", async () => {
  const world = await deliveryWorld({ budgets: { posts: 40, groups: 1, blobBytes: 0 } })
  const { alice, group } = await pairIn(world)
  const seats = (count: number) => Array.from({ length: count }, () => ({ seat: random(16), publicKey: random(32), readHash: random(32) }))
  const other = await world.poster()
  other.send(commitItem(group, { by: alice, adds: seats(2_000), ref: 2 }).item)
  assert.deepEqual(told(await other.take()), ["committed 2 2"])
  const spent = 40 - (await left(other))
  assert.equal(spent, 4 + Math.ceil((200 + 500 + 2_000 * 80) / 16_384))
})

/** How many posts the pass of the client still pays for: so many small ones are taken. */
async function left(client: PostClient): Promise<number> {
  const group = newKnownGroup()
  for (let ref = 0; ref < 50; ref++) client.send(postItem(group, random(9), { ref }))
  return told(await client.take(50)).filter((line) => line.endsWith("group_not_found")).length
}
