import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import { members } from "@nodoor/mls"
import type { Policy } from "../../core/policy.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { insertBroken } from "../../store/group/broken-groups.ts"
import { insertGroup, setGroupStatus } from "../../store/group/groups.ts"
import { replaceMembers } from "../../store/group/members.ts"
import { insertHistory } from "../../store/group/history.ts"
import type { Predecessor } from "../../store/group/predecessor.ts"
import { insertHealing } from "../../store/rejoin/healing.ts"
import { migrate } from "../../store/schema.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import { accountOf, deviceOf, groupId, seatedGroup } from "../fixtures/seated-group.ts"
import { type Founding, type SuccessorVerdict, checkSuccessor } from "./successor-check.ts"
import { rankOf, successionOf } from "./succession.ts"

const commitHash = new Uint8Array(32).fill(7)
const [alice] = seatedGroup(4)
const state = alice?.state
const leaves = state ? members(state).map(identify) : []
const epoch = Number(state?.epoch ?? 0)
/** The second leaf is the admin, and the fourth broke the group. */
const policy: Policy = {
  kind: "group",
  name: "Team",
  picture: undefined,
  roles: [{ accountId: accountOf(2), role: "admin" }],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
}
const last: Predecessor = { groupId, epoch, commitHash, accountId: accountOf(4), deviceId: deviceOf(4) }

/** As the admin founds it, with everybody who is left. */
function founding(
  changed: Partial<Omit<Founding, "leaves">> & { readonly order?: readonly number[]; readonly epoch?: bigint } = {},
): Founding {
  const { order = [1, 0, 2], epoch: at = 1n, ...rest } = changed
  const placed = order.map((index, leafIndex) => ({ ...(leaves[index] as IdentifiedMember), leafIndex }))
  return { staged: { epoch: at }, leaves: placed, signer: placed[0] as IdentifiedMember, policy, predecessors: [last], ...rest }
}

type Known = "broken" | "active" | "stuck" | "behind" | "left" | "none"

async function verdict(arriving: Founding, known: Known = "broken", hash: Uint8Array = commitHash): Promise<SuccessorVerdict> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  return await transactions.run(async (tx) => {
    if (known !== "none")
      insertGroup(tx, { groupId, chatId: groupId, epoch: known === "behind" ? epoch - 2 : epoch, policy, order: 3, profileDue: 0 })
    if (known === "left") setGroupStatus(tx, groupId, "left")
    if (known === "broken") {
      setGroupStatus(tx, groupId, "succeeded")
      insertBroken(tx, { groupId, epoch, commitHash, leafIndex: 3, code: "removes", brokenMs: 0 })
    }
    if (known === "stuck" || known === "behind") {
      insertHealing(tx, { groupId, reason: "commit", sinceMs: 0, fromMs: 0, fromOrder: 0 })
      insertHistory(tx, groupId, { order: 4, bodyHash: hash, chain: undefined })
    }
    replaceMembers(tx, groupId, leaves)
    return await checkSuccessor(tx, arriving)
  })
}

const statusOf = async (...of: Parameters<typeof verdict>): Promise<string> => (await verdict(...of)).status

test("Every member derives the same: who is left, under which policy, and who makes the next group when", () => {
  const epochBefore = { groupId, epoch, leaves, policy, predecessors: [] }
  const succession = successionOf(epochBefore, { leafIndex: 3, commitHash })
  assert.deepEqual(
    succession?.creators.map(({ leafIndex }) => leafIndex),
    [1, 0, 2],
  )
  assert.deepEqual(succession?.predecessors, [last])
  assert.equal(succession && rankOf(succession, { accountId: accountOf(4), deviceId: deviceOf(4) }), -1)
  // The only admin broke it: the account of the lowest remaining leaf follows. Another device of its own comes last.
  const phone = { ...(leaves[0] as IdentifiedMember), accountId: accountOf(2), deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(99)) }
  const after = successionOf({ ...epochBefore, leaves: [phone, ...leaves.slice(1)] }, { leafIndex: 1, commitHash })
  assert.deepEqual(
    after?.creators.map(({ leafIndex }) => leafIndex),
    [2, 3, 0],
  )
  const without = successionOf(epochBefore, { leafIndex: 1, commitHash })
  assert.deepEqual(without?.policy.roles, [{ accountId: accountOf(1), role: "admin" }])
})

test("Nothing follows a chat of two that one of the two is out of, a group in which nobody is left, or the sixty-fourth that was broken", () => {
  const two = leaves.slice(0, 2)
  const dm: Policy = { ...policy, kind: "dm", name: "", roles: [1, 2].map((n) => ({ accountId: accountOf(n), role: "admin" as const })) }
  const at = { leafIndex: 1, commitHash }
  assert.equal(successionOf({ groupId, epoch, leaves: two, policy: dm, predecessors: [] }, at), undefined)
  assert.equal(successionOf({ groupId, epoch, leaves: two.slice(1), policy, predecessors: [] }, at), undefined)
  const often = Array.from({ length: 64 }, () => last)
  assert.equal(successionOf({ groupId, epoch, leaves, policy, predecessors: often }, at), undefined)
  assert.equal(successionOf({ groupId, epoch, leaves, policy, predecessors: often.slice(1) }, at)?.predecessors.length, 64)
})

test("A successor is genuine if it follows from what this device found: by each who may make it, with the rank of its maker", async () => {
  assert.equal(await statusOf(founding()), "genuine")
  const first = await verdict(founding())
  assert.deepEqual(first.status === "genuine" && [first.rank, first.vouched], [0, false])
  const second = await verdict(founding({ order: [0, 1, 2] }))
  assert.deepEqual(second.status === "genuine" && second.rank, 1)
  // Who could not be let in is missing, and their role with them.
  const alone = { ...policy, roles: [{ accountId: accountOf(1), role: "admin" as const }] }
  assert.equal(await statusOf(founding({ order: [0, 2], policy: alone })), "genuine")
})

test("A group that only says that it follows is not genuine: another commit, breaker, epoch, list, maker, people, roles, name or rules", async () => {
  const other = new Uint8Array(32).fill(8)
  const lies: readonly Founding[] = [
    founding({ predecessors: [{ ...last, commitHash: other }] }),
    founding({ predecessors: [{ ...last, accountId: accountOf(3), deviceId: deviceOf(3) }] }),
    founding({ predecessors: [{ ...last, epoch: epoch + 1 }] }),
    founding({ predecessors: [{ ...last, groupId: other }, last] }),
    founding({ order: [3, 0, 1, 2] }),
    founding({ order: [1, 0, 2, 3].slice(0, 3), signer: { ...(leaves[0] as IdentifiedMember), leafIndex: 1 } }),
    founding({ policy: { ...policy, roles: [...policy.roles, { accountId: accountOf(3), role: "admin" }] } }),
    founding({ policy: { ...policy, name: "Mine" } }),
    founding({ policy: { ...policy, rules: { ...policy.rules, add: "everyone" } } }),
  ]
  for (const [n, lie] of lies.entries()) assert.equal(await statusOf(lie), "wrong", `${n}`)
  const honest = founding()
  const phone = { ...(honest.leaves[0] as IdentifiedMember), deviceId: deviceOf(9) }
  assert.equal(await statusOf({ ...honest, leaves: [phone, ...honest.leaves.slice(1)], signer: phone }), "wrong")
  const stranger = { ...(leaves[0] as IdentifiedMember), leafIndex: 3, accountId: accountOf(9), deviceId: deviceOf(9) }
  assert.equal(await statusOf({ ...honest, leaves: [...honest.leaves, stranger] }), "wrong")
})

test("Later, when it has changed, an admin of the last good epoch vouches for it, and nobody else", async () => {
  const renamed = { ...policy, name: "Later" }
  const byAdmin = await verdict(founding({ epoch: 5n, policy: renamed }))
  assert.deepEqual(byAdmin.status === "genuine" && byAdmin.rank, 3)
  assert.equal(await statusOf(founding({ epoch: 5n, policy: renamed, order: [0, 1, 2] })), "wrong")
  assert.equal(await statusOf(founding({ epoch: 5n, policy: { ...renamed, kind: "self" } })), "wrong")
})

test("What this device has not found is waited for, and a group that it is not in says nothing to it", async () => {
  assert.equal(await statusOf(founding(), "active"), "unseen")
  assert.equal(await statusOf(founding(), "left"), "other")
  assert.equal(await statusOf(founding(), "none"), "other")
  assert.equal(await statusOf(founding({ predecessors: [] })), "other")
  // It follows one that follows the group in which this device is.
  assert.equal(await statusOf(founding({ predecessors: [last, { ...last, groupId: new Uint8Array(32) }] })), "unseen")
})

test("A device that could not read the very commit takes an admin's word, and nobody else's", async () => {
  const byAdmin = await verdict(founding(), "stuck")
  assert.deepEqual(byAdmin.status === "genuine" && [byAdmin.vouched, byAdmin.broken.leafIndex], [true, 3])
  assert.equal(await statusOf(founding({ order: [0, 1, 2] }), "stuck"), "wrong")
  assert.equal(await statusOf(founding(), "stuck", new Uint8Array(32)), "unseen")
  // It missed others before.
  const later = await verdict(founding(), "behind")
  assert.ok(later.status === "genuine" && later.vouched && later.broken.epoch === epoch)
  assert.equal(await statusOf(founding({ order: [0, 1, 2] }), "behind"), "wrong")
})
