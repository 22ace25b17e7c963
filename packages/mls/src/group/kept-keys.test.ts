import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import {
  type Environment,
  type GroupId,
  type GroupState,
  MlsError,
  type RecordWrite,
  applyCommit,
  commit,
  createGroup,
  encodeWelcome,
  forgetOld,
  generateKeyPackage,
  generateSigner,
  join,
  loadGroup,
  openWelcome,
  parseKeyPackage,
  process,
  protect,
  records,
} from "../index.ts"
import { nodeProvider } from "../provider/node.ts"

const dayMs = 24 * 60 * 60 * 1000
const startMs = 1_700_000_000_000
const at = (days: number): Environment => ({ crypto: nodeProvider, timeMs: startMs + days * dayMs })
const suite = 1

/** A group of two that is in its second epoch together; Bob missed the first of three messages of either epoch. */
function pair() {
  const signer = generateSigner(at(0), { suite, identity: toUtf8("alice") })
  const alone = createGroup(at(0), { suite, groupId: toUtf8("group") as GroupId, signer, extensions: [] }).state
  const other = generateSigner(at(0), { suite, identity: toUtf8("bob") })
  const keyPackage = generateKeyPackage(at(0), { suite, signer: other, lifetimeS: 86_400, lastResort: false })
  const added = commit(at(0), alone, { proposals: [{ type: "add", keyPackage: parseKeyPackage(at(0), keyPackage.message) }], signer })
  assert.ok(added.welcome)
  const welcome = encodeWelcome(suite, {
    secrets: added.welcome.secrets.map(({ encrypted }) => encrypted),
    encryptedGroupInfo: added.welcome.encryptedGroupInfo,
  })
  let alice = applyCommit(at(0), alone, added.staged).state
  let bob = join(at(0), openWelcome(at(0), { welcome, keyPackageSecret: keyPackage.secret, signer: other })).state
  const say = (text: string): Uint8Array => {
    const { change, message } = protect(at(0), alice, { plaintext: toUtf8(text), signer })
    alice = change.state
    return message
  }
  const [oldLate, oldSeen] = [say("late"), say("seen")]
  bob = process(at(0), bob, oldSeen).change.state
  const update = commit(at(1), alice, { proposals: [], signer, forcePath: true })
  alice = applyCommit(at(1), alice, update.staged).state
  const staged = process(at(1), bob, update.message)
  assert.ok(staged.kind === "commit")
  bob = applyCommit(at(1), staged.change.state, staged.staged).state
  const [newLate, newSeen] = [say("late"), say("seen")]
  bob = process(at(2), bob, newSeen).change.state
  return { bob, oldLate, newLate }
}

const stored = (state: GroupState): Map<string, string> =>
  new Map(
    records(state)
      .flatMap(({ key, value }) => (value ? [[key, toHex(value)] as const] : []))
      .sort(),
  )
const keys = (state: GroupState): string[] => [...stored(state).keys()].filter((key) => /^(skipped|past)/.test(key))
const reads = (state: GroupState, message: Uint8Array, days: number): boolean => {
  try {
    return process(at(days), state, message).kind === "application"
  } catch (error) {
    assert.ok(error instanceof MlsError)
    return false
  }
}

test("RFC 9420 §15.3: keys of late messages and passed epochs are gone from the state and from disk after seven days, and not before", () => {
  const { bob, oldLate, newLate } = pair()
  assert.deepEqual(keys(bob), ["past/1", "skipped/1/1/0", "skipped/2/1/0"])
  assert.deepEqual(forgetOld(at(6), bob).writes, [])
  assert.ok(reads(bob, oldLate, 6) && reads(bob, newLate, 8))
  const disk = stored(bob)
  const forget = (state: GroupState, days: number): GroupState => {
    const change = forgetOld(at(days), state)
    for (const { key, value } of change.writes) {
      if (value === undefined) disk.delete(key)
      else disk.set(key, toHex(value))
    }
    assert.deepEqual(new Map([...disk].sort()), stored(change.state))
    return change.state
  }
  const first = forget(bob, 7)
  assert.deepEqual(keys(first), ["past/1", "skipped/2/1/0"])
  const second = forget(first, 8)
  assert.deepEqual(keys(second), ["skipped/2/1/0"])
  assert.ok(!reads(second, oldLate, 8) && reads(second, newLate, 8))
  assert.deepEqual(keys(forget(second, 9)), [])
  // Even before it is erased, a key of that age opens nothing.
  assert.ok(!reads(bob, newLate, 9))
})

test("A store of an earlier version, without times, is read as it is, and what it kept counts from then", () => {
  const { bob, newLate } = pair()
  const old = records(bob).map(({ key, value }): RecordWrite & { value: Uint8Array } => {
    const bytes = value as Uint8Array
    return { key, value: /^(skipped|past)/.test(key) ? bytes.slice(0, -8) : bytes }
  })
  const loaded = loadGroup(at(100), old)
  assert.ok(reads(loaded, newLate, 100))
  const dated = forgetOld(at(100), loaded)
  assert.deepEqual(
    dated.writes.map(({ key }) => key),
    ["skipped/2/1/0", "skipped/1/1/0", "past/1"],
  )
  const again = loadGroup(at(100), records(dated.state) as (RecordWrite & { value: Uint8Array })[])
  assert.deepEqual(forgetOld(at(106), again).writes, [])
  assert.deepEqual(keys(forgetOld(at(107), again).state), [])
})
