import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, bytes, encodeCbor, toHex } from "@nodoor/bytes"
import fc from "fast-check"
import {
  type CommitCheck,
  type Leaf,
  type PolicyRule,
  checkCommit,
  checkJoin,
  isReadmissionVouchedFor,
  policyAfterRemovals,
  policyRules,
} from "./policy-check.ts"
import { type Policy, decodePolicy, encodePolicy, policyExtensionType, policyOf, withPolicy, withRole } from "../../core/policy.ts"
import { type Predecessor, predecessorExtensions } from "../../store/group/predecessor.ts"

const account = (name: string): Leaf["accountId"] => bytes(new Uint8Array(16).fill(name.charCodeAt(0)))
const leaf = (name: string, leafIndex: number, device = 0): Leaf => ({
  leafIndex,
  accountId: account(name),
  deviceId: bytes(new Uint8Array(16).fill(name.charCodeAt(0) + 100 + device)),
})
const [a, b, c] = [leaf("a", 0), leaf("b", 1), leaf("c", 2)]
const group: Policy = {
  kind: "group",
  name: "Team",
  picture: undefined,
  roles: [{ accountId: account("a"), role: "admin" }],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
}
const dm: Policy = {
  ...group,
  kind: "dm",
  name: "",
  roles: ["a", "b"].map((name) => ({ accountId: account(name), role: "admin" as const })),
}
const open: Policy = { ...group, rules: { add: "everyone", rename: "everyone", post: "everyone" } }

interface Try {
  readonly by: Leaf
  readonly before?: Policy
  readonly after?: Policy
  readonly leaves?: readonly Leaf[]
  readonly added?: readonly Leaf[]
  readonly removed?: readonly Leaf[]
  readonly updated?: CommitCheck["updated"]
  readonly proposals?: CommitCheck["staged"]["proposals"]
  readonly otherExtensions?: readonly { readonly type: number; readonly data: Uint8Array }[]
  readonly otherExtensionsBefore?: readonly { readonly type: number; readonly data: Uint8Array }[]
  readonly revoked?: readonly Leaf[]
  readonly readmissions?: CommitCheck["readmissions"]
}

/** The rule a commit breaks, with everything as in a group of a (admin), b and c unless said otherwise. */
function verdict(attempt: Try): PolicyRule | undefined {
  const { by, before = group, after = before, leaves = [a, b, c], added = [], removed = [], updated = [], revoked = [] } = attempt
  const extensions = (policy: Policy): { type: number; data: Uint8Array }[] => [{ type: policyExtensionType, data: encodePolicy(policy) }]
  const proposals = attempt.proposals ?? [
    ...added.map((other) => ({ type: "add" as const, sender: by.leafIndex, leafIndex: other.leafIndex })),
    ...removed.map((other) => ({ type: "remove" as const, sender: by.leafIndex, leafIndex: other.leafIndex })),
  ]
  return checkCommit({
    readmissions: "readmissions" in attempt ? attempt.readmissions : [],
    before,
    after,
    staged: {
      committer: by.leafIndex,
      proposals,
      extensionsBefore: [...extensions(before), ...(attempt.otherExtensionsBefore ?? [])],
      extensionsAfter: [...extensions(after), ...(attempt.otherExtensions ?? [])],
    },
    leavesBefore: leaves,
    added,
    removed,
    updated,
    isRevoked: (other) => revoked.includes(other),
  })
}

test("P1: a commit that adds another extension to the group is refused, and so is a policy that is absent, doubled or malformed", () => {
  assert.equal(verdict({ by: a }), undefined)
  assert.equal(verdict({ by: a, otherExtensions: [{ type: 5, data: new Uint8Array() }] }), "P1")
  const other = (data: number): { type: number; data: Uint8Array } => ({ type: 5, data: Uint8Array.of(data) })
  assert.equal(verdict({ by: a, otherExtensionsBefore: [other(1)], otherExtensions: [other(1)] }), undefined)
  assert.equal(verdict({ by: a, otherExtensionsBefore: [other(1)], otherExtensions: [other(2)] }), "P1")
  assert.throws(() => policyOf([]), CodecError)
  const one = { type: policyExtensionType, data: encodePolicy(group) }
  assert.throws(() => policyOf([one, one]), CodecError)
})

test("P2: nobody changes a group's kind", () => {
  assert.equal(verdict({ by: a, after: { ...group, kind: "self" } }), "P2")
})

test("P3: pre-shared keys and re-initialisation are refused, an admin's too", () => {
  assert.equal(verdict({ by: a, proposals: [{ type: "psk", sender: 0 }] }), "P3")
  assert.equal(verdict({ by: a, proposals: [{ type: "reinit", sender: 0 }] }), "P3")
})

test("P4: nobody joins a dm but its two accounts, and nothing about it changes", () => {
  const two = [a, b]
  assert.equal(verdict({ by: a, before: dm, leaves: [a], added: [b] }), undefined)
  assert.equal(verdict({ by: a, before: dm, leaves: two, added: [c] }), "P4")
  assert.equal(verdict({ by: a, before: dm, leaves: two, after: { ...dm, rules: open.rules } }), "P4")
  assert.equal(verdict({ by: a, before: dm, leaves: two, after: withRole(dm, account("b"), "member") }), "P4")
  assert.equal(checkJoin({ policy: { ...dm, name: "a name" } }, two, a), "P4")
  assert.equal(checkJoin({ policy: { ...dm, roles: dm.roles.slice(0, 1) } }, [a], a), "P4")
})

test("P5: the self group holds one account only", () => {
  const self: Policy = { ...group, kind: "self", name: "", roles: [] }
  assert.equal(verdict({ by: a, before: self, leaves: [a], added: [leaf("a", 1, 1)] }), undefined)
  assert.equal(verdict({ by: a, before: self, leaves: [a], added: [b] }), "P6")
  assert.equal(verdict({ by: a, before: { ...self, rules: open.rules }, leaves: [a], added: [b] }), "P6")
  assert.equal(checkJoin({ policy: self }, [a, b], a), "P5")
})

test("P6: a member may not add people where only admins may, and may where everyone may; an invitation by a member is refused alike", () => {
  const d = leaf("d", 3)
  assert.equal(verdict({ by: b, added: [d] }), "P6")
  assert.equal(verdict({ by: a, added: [d] }), undefined)
  assert.equal(verdict({ by: b, before: open, added: [d] }), undefined)
  assert.equal(checkJoin({ policy: group }, [a, b, c], b), "P6")
  assert.equal(checkJoin({ policy: group }, [a, b, c], a), undefined)
  // A device lets in the others of its own account (P7), and nobody else.
  assert.equal(checkJoin({ policy: group, ownAccount: b.accountId }, [a, b, leaf("b", 3, 1)], b), undefined)
  assert.equal(checkJoin({ policy: group, ownAccount: c.accountId }, [a, b, c], b), "P6")
})

test("P7: a member adds its own devices and nobody else's, not even in the place of the same device", () => {
  assert.equal(verdict({ by: b, added: [leaf("b", 3, 1)] }), undefined)
  assert.equal(verdict({ by: b, added: [leaf("c", 3, 1)] }), "P7")
  assert.equal(verdict({ by: b, removed: [c], added: [{ ...c, leafIndex: 3 }] }), "P7")
  assert.equal(verdict({ by: b, removed: [b], added: [{ ...b, leafIndex: 3 }] }), undefined)
  assert.equal(verdict({ by: a, removed: [c], added: [{ ...c, leafIndex: 3 }] }), undefined)
  assert.equal(verdict({ by: a, added: [leaf("c", 3, 1)] }), undefined)
})

test("P8: a device that has a leaf already gets no second one", () => {
  assert.equal(verdict({ by: a, added: [{ ...b, leafIndex: 3 }] }), "P8")
})

test("P9: a member removes nobody but its own account, what its account no longer lists, and in a dm not even an admin removes the other", () => {
  assert.equal(verdict({ by: b, removed: [c] }), "P9")
  // Where everyone may add, too: putting somebody's device back does not make up for taking it out.
  assert.equal(verdict({ by: b, before: open, removed: [a], added: [{ ...a, leafIndex: 3 }] }), "P9")
  assert.equal(verdict({ by: b, removed: [c], revoked: [c] }), undefined)
  assert.equal(verdict({ by: a, removed: [c] }), undefined)
  const second = leaf("b", 3, 1)
  assert.equal(verdict({ by: b, leaves: [a, b, c, second], removed: [second] }), undefined)
  assert.equal(verdict({ by: a, before: dm, leaves: [a, b], removed: [b] }), "P9")
})

test("P10: name and picture are changed by admins, or by everyone where the rules say so", () => {
  assert.equal(verdict({ by: b, after: { ...group, name: "Mine" } }), "P10")
  assert.equal(verdict({ by: b, after: { ...group, picture: new Uint8Array(3) } }), "P10")
  assert.equal(verdict({ by: a, after: { ...group, name: "Ours" } }), undefined)
  assert.equal(verdict({ by: b, before: open, after: { ...open, name: "Ours" } }), undefined)
})

test("P11: a member makes nobody an admin, itself included, and changes neither rules, expiry nor history", () => {
  assert.equal(verdict({ by: b, after: withRole(group, account("b"), "admin") }), "P11")
  assert.equal(verdict({ by: b, after: open }), "P11")
  assert.equal(verdict({ by: b, after: { ...group, expiryS: 60 } }), "P11")
  assert.equal(verdict({ by: b, after: { ...group, history: { days: 1 } } }), "P11")
  assert.equal(verdict({ by: b, before: open, after: withRole(open, account("a"), "member") }), "P11")
  assert.equal(verdict({ by: a, after: withRole(group, account("b"), "admin") }), undefined)
})

test("P12: a role is given only to somebody in the group, and goes with its account", () => {
  assert.equal(verdict({ by: a, after: withRole(group, account("z"), "admin") }), "P12")
  const two = withRole(group, account("b"), "admin")
  assert.equal(verdict({ by: a, before: two, removed: [b] }), "P12")
  assert.equal(verdict({ by: a, before: two, after: group, removed: [b] }), undefined)
})

test("P13: the last admin does not step down without another, and when it goes the lowest remaining leaf follows, nobody else", () => {
  assert.equal(verdict({ by: a, after: withRole(group, account("a"), "member") }), "P13")
  const left = [{ type: "remove" as const, sender: 0, leafIndex: 0 }]
  const follows = withRole(withRole(group, account("a"), "member"), account("b"), "admin")
  const usurps = withRole(withRole(group, account("a"), "member"), account("c"), "admin")
  assert.equal(verdict({ by: c, removed: [a], proposals: left, after: follows }), undefined)
  assert.equal(verdict({ by: c, removed: [a], proposals: left, after: usurps }), "P11")
  assert.equal(verdict({ by: c, removed: [a], proposals: left }), "P11")
  assert.deepEqual(policyAfterRemovals(group, [b, c]), follows)
})

test("P14: an update cannot turn a leaf into another device or account", () => {
  assert.equal(verdict({ by: a, updated: [{ before: b, after: b }] }), undefined)
  assert.equal(verdict({ by: a, updated: [{ before: b, after: { ...b, deviceId: c.deviceId } }] }), "P14")
  assert.equal(verdict({ by: a, updated: [{ before: b, after: { ...b, accountId: c.accountId } }] }), "P14")
})

test("P15: of what others proposed only the removal of their own leaves and updates are committed; an unknown committer is refused", () => {
  assert.equal(verdict({ by: b, removed: [c], proposals: [{ type: "remove", sender: 2, leafIndex: 2 }] }), undefined)
  assert.equal(verdict({ by: a, removed: [c], proposals: [{ type: "remove", sender: 1, leafIndex: 2 }] }), "P15")
  assert.equal(verdict({ by: a, added: [leaf("d", 3)], proposals: [{ type: "add", sender: 1, leafIndex: 3 }] }), "P15")
  assert.equal(verdict({ by: a, proposals: [{ type: "add", sender: 1, leafIndex: 1 }] }), "P15")
  assert.equal(verdict({ by: a, proposals: [{ type: "remove", sender: -1, leafIndex: 9 }] }), "P15")
  assert.equal(verdict({ by: a, proposals: [{ type: "update", sender: 1 }] }), undefined)
  assert.equal(verdict({ by: leaf("x", 9) }), "P15")
})

test("P16: a group of more than 4,096 devices or 1,024 accounts is refused", () => {
  const many = (count: number, accounts: number): Leaf[] =>
    Array.from({ length: count }, (_, i) => {
      const [accountId, deviceId] = [new Uint8Array(16), new Uint8Array(16)]
      new DataView(accountId.buffer).setUint32(0, i % accounts)
      new DataView(deviceId.buffer).setUint32(0, i)
      return { leafIndex: i, accountId: bytes<"AccountId">(accountId), deviceId: bytes<"DeviceId">(deviceId) }
    })
  const policyOfFirst = (leaves: readonly Leaf[]): Policy => ({
    ...open,
    roles: leaves[0] ? [{ accountId: leaves[0].accountId, role: "admin" }] : [],
  })
  for (const [count, accounts, broken] of [
    [1024, 1024, undefined],
    [1025, 1025, "P16"],
    [4096, 100, undefined],
    [4097, 100, "P16"],
  ] as const) {
    const leaves = many(count, accounts)
    const [first] = leaves
    assert.ok(first)
    assert.equal(checkJoin({ policy: policyOfFirst(leaves) }, leaves, first), broken)
  }
})

test("P17: a device that broke a group is in none that follows it, whoever adds it; its account's other devices may be", () => {
  const past: Predecessor = {
    groupId: new Uint8Array(32).fill(1),
    epoch: 7,
    commitHash: new Uint8Array(32).fill(2),
    accountId: c.accountId,
    deviceId: c.deviceId,
  }
  const otherExtensions = predecessorExtensions([past])
  const at = { leaves: [a, b], otherExtensions, otherExtensionsBefore: otherExtensions, before: open }
  assert.equal(verdict({ by: a, ...at, added: [c] }), "P17")
  assert.equal(verdict({ by: a, ...at, added: [leaf("c", 2, 1)] }), undefined)
  assert.equal(verdict({ by: a, ...at, added: [{ ...c, accountId: account("d") }] }), undefined)
  assert.equal(verdict({ by: a, ...at, otherExtensions: [], added: [c] }), "P1")
  const sibling = leaf("c", 1, 1)
  assert.equal(verdict({ by: sibling, ...at, leaves: [a, sibling], added: [c] }), "P17")
  assert.equal(checkJoin({ policy: open, predecessors: [past] }, [a, b, c], a), "P17")
  assert.equal(checkJoin({ policy: open, predecessors: [past] }, [a, b], a), undefined)
  assert.equal(checkJoin({ policy: open }, [a, b, c], a), undefined)
})

test("Who makes a successor lets everybody in with its first commit, admin or not, and never again", () => {
  const past = { groupId: new Uint8Array(32), epoch: 7, commitHash: new Uint8Array(32), accountId: c.accountId, deviceId: c.deviceId }
  const otherExtensions = predecessorExtensions([past])
  const admin = { ...group, roles: [{ accountId: account("b"), role: "admin" as const }] }
  const at = { by: a, before: admin, otherExtensions, otherExtensionsBefore: otherExtensions }
  assert.equal(verdict({ ...at, leaves: [a], added: [b] }), undefined)
  assert.equal(verdict({ by: a, before: admin, leaves: [a], added: [b] }), "P6")
  assert.equal(verdict({ ...at, leaves: [a, b], added: [leaf("d", 3)] }), "P6")
  assert.equal(checkJoin({ policy: admin, predecessors: [past], epoch: 1n }, [a, b], a), undefined)
  assert.equal(checkJoin({ policy: admin, predecessors: [past], epoch: 2n }, [a, b], a), "P6")
  assert.equal(checkJoin({ policy: group, predecessors: [past], epoch: 1n }, [a, b], b), "P6")
  assert.equal(checkJoin({ policy: admin, epoch: 1n }, [a, b], a), "P6")
})

test("P18: any member replaces a leaf whose device asked for it, in every kind of chat, and nothing else with it; nobody claims it falsely", () => {
  const again = { ...c, leafIndex: 3 }
  const readmissions = [{ removed: c.leafIndex, added: 3 }]
  assert.equal(verdict({ by: b, removed: [c], added: [again], readmissions }), undefined)
  assert.equal(
    verdict({
      by: a,
      before: dm,
      leaves: [a, b],
      removed: [b],
      added: [{ ...b, leafIndex: 2 }],
      readmissions: [{ removed: b.leafIndex, added: 2 }],
    }),
    undefined,
  )
  assert.equal(verdict({ by: b, removed: [c], added: [again], readmissions: undefined }), "P18")
  assert.equal(verdict({ by: b, removed: [c], added: [again, leaf("d", 4)], readmissions }), "P6")
  assert.equal(verdict({ by: b, removed: [c, a], added: [again], readmissions }), "P9")
  assert.equal(checkJoin({ policy: group, isReadmitted: true }, [a, b, c], b), undefined)
})

test("A device that is let in again takes what has changed from an admin that it knew or from its own account, and from others the group as it was", () => {
  const others = { ...group, name: "Another name", picture: new Uint8Array(3) }
  const known = { policy: group, accounts: new Set([a, b, c].map(({ accountId }) => toHex(accountId))) }
  const isTaken = (policy: Policy, leaves: readonly Leaf[], signer: Leaf, ownAccount: Uint8Array = c.accountId): boolean =>
    isReadmissionVouchedFor({ known, policy, ownAccount }, leaves, signer)
  const stranger = leaf("d", 9)
  const promoted = withRole(group, b.accountId, "admin")
  const freer = { ...group, rules: { ...group.rules, add: "everyone" as const } }
  const shared = { ...group, history: { messages: 10 } }
  assert.ok(
    isTaken(group, [a, b, c], b) && isTaken(others, [a, b, c], b) && isTaken(group, [a, b], b),
    "the same but for the name, or with fewer",
  )
  for (const policy of [promoted, freer, shared, { ...group, expiryS: 60 }]) {
    assert.equal(isTaken(policy, [a, b, c], b), false)
    assert.ok(isTaken(policy, [a, b, c], a) && isTaken(policy, [a, b, c], c), "an admin, and a device of the own account")
  }
  assert.equal(isTaken(group, [a, b, c, stranger], b), false)
  assert.ok(isTaken(group, [a, b, c, stranger], a))
  // Without the admin it would be somebody else's group.
  assert.equal(isTaken({ ...group, roles: [{ accountId: b.accountId, role: "admin" }] }, [b, c], b), false)
  const two = { policy: dm, accounts: new Set([a, b].map(({ accountId }) => toHex(accountId))) }
  assert.ok(isReadmissionVouchedFor({ known: two, policy: dm, ownAccount: b.accountId }, [a, b], a))
  const other = { ...dm, roles: dm.roles.slice(0, 1) }
  assert.equal(isReadmissionVouchedFor({ known: two, policy: other, ownAccount: b.accountId }, [a, b], a), false)
})

test("Every rule of the policy has a test that names it", async () => {
  const { readFileSync } = await import("node:fs")
  const source = readFileSync(import.meta.filename, "utf8")
  for (const rule of Object.keys(policyRules)) assert.match(source, new RegExp(`test\\("${rule}: `))
})

test("A policy is decoded as it was encoded, has one encoding, and anything else meets a CodecError", () => {
  const policies = fc.record({
    kind: fc.constantFrom("dm" as const, "group" as const, "self" as const),
    name: fc.string({ maxLength: 20, unit: "grapheme" }).filter((name) => !/\p{Cc}/u.test(name) && name.isWellFormed()),
    picture: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
    roles: fc
      .uniqueArray(fc.nat(255), { maxLength: 5 })
      .map((ids) =>
        ids.toSorted((x, y) => x - y).map((id) => ({ accountId: bytes<"AccountId">(new Uint8Array(16).fill(id)), role: "admin" as const })),
      ),
    rules: fc.record({
      add: fc.constantFrom("admins" as const, "everyone" as const),
      rename: fc.constantFrom("admins" as const, "everyone" as const),
      post: fc.constantFrom("admins" as const, "everyone" as const),
    }),
    expiryS: fc.option(fc.integer({ min: 1, max: 0xffffffff }), { nil: undefined }),
  })
  fc.assert(
    fc.property(policies, fc.nat(), fc.nat(255), (policy, at, value) => {
      const encoded = encodePolicy(policy)
      assert.deepEqual([...encodePolicy(decodePolicy(encoded))], [...encoded])
      assert.deepEqual(
        withPolicy([{ type: 1, data: new Uint8Array() }], policy).map((extension) => extension.type),
        [1, policyExtensionType],
      )
      const changed = Uint8Array.from(encoded)
      changed[at % changed.length] = value
      try {
        assert.deepEqual([...encodePolicy(decodePolicy(changed))], [...changed])
      } catch (error) {
        assert.ok(error instanceof CodecError, String(error))
      }
    }),
  )
  const withUnknownKey = encodeCbor({
    version: 1,
    kind: "dm",
    name: "",
    picture: null,
    roles: [],
    rules: { add: "admins", rename: "admins", post: "admins" },
    expiry: null,
    more: 1,
  })
  assert.throws(() => decodePolicy(withUnknownKey), CodecError)
})
