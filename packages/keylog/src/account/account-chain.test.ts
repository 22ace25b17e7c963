import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, compare, equal, fromHex } from "@nodoor/bytes"
import {
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  heldUntilMs,
  maxChainVersions,
  verifyAccountChain,
  verifyAccountState,
} from "./account-chain.ts"
import {
  type AccountState,
  decodeAccountState,
  decodeSignedAccountState,
  encodeAccountState,
  encodeSignedAccountState,
  maxAccountStateBytes,
  maxSignedAccountStateBytes,
} from "./account-state.ts"
import {
  ascending,
  check,
  digest,
  ed25519PublicKey,
  genesis,
  listed,
  nodeLogCrypto,
  signed,
  successor,
  testAccountId,
  testDevice,
  testOrigin,
} from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { nobleLogCrypto } from "../core/noble-crypto.ts"

const [a, b, c] = [testDevice("a"), testDevice("b"), testDevice("c")] as const
const recoverySeed = digest("recovery")
const recoveryKey = ed25519PublicKey(recoverySeed)
const first = genesis(["a"])
const withRecovery = genesis(["a"], { recoveryKey })

test("A device joins by a signature of a device of the version before and its own, and the chain verifies from genesis", () => {
  const added = check(first, signed(successor(first, [listed(a, 0), listed(b, 1)]), [a, b]))
  assert.equal(added.kind, "update")
  const removed = check(added, signed(successor(added, [listed(b, 1)]), [b]))
  const chain = verifyAccountChain(nobleLogCrypto, {
    previous: undefined,
    states: [first.signed, added.signed, removed.signed],
    origin: testOrigin,
    accountId: testAccountId,
  })
  assert.deepEqual(
    chain.map(({ kind, state }) => [kind, state.version]),
    [
      ["genesis", 0],
      ["update", 1],
      ["update", 2],
    ],
  )
  assert.ok(equal((chain[2] as (typeof chain)[0]).genesisHash, first.stateHash))
})

test("A1: an account state of another origin is refused, signatures and all", () => {
  const moved = signed(successor(first, [listed(a, 0)], { origin: "evil.example/kt/1" }), [a])
  refuses("wrong_origin", () => check(first, moved))
})

test("A2: an account state of another account is refused, signatures and all", () => {
  const accountId = digest("another account").slice(0, 16) as typeof testAccountId
  refuses("wrong_account", () => check(undefined, genesis(["a"], { accountId }).signed))
})

test("A3: a version that is not the next one is refused", () => {
  refuses("account_version", () => check(first, signed(successor(first, [listed(a, 0)], { version: 2 }), [a])))
  refuses("account_version", () => check(undefined, signed(successor(undefined, [listed(a, 0)], { version: 1 }), [a])))
})

test("A4: a version whose prev is not the hash of the version before is refused", () => {
  refuses("account_prev", () => check(first, signed(successor(first, [listed(a, 0)], { prev: digest("other") }), [a])))
  refuses("account_prev", () => check(undefined, signed(successor(undefined, [listed(a, 0)], { prev: digest("other") }), [a])))
})

test("A5: a reset that is not counted, uncounted later, or counted without one is refused", () => {
  const reset = check(first, signed(successor(first, [listed(b, 1)], { kind: "reset" }), [b]))
  refuses("account_reset_count", () => check(reset, signed(successor(reset, [listed(b, 1)], { resetCount: 0 }), [b])))
  refuses("account_reset_count", () => check(reset, signed(successor(reset, [listed(b, 1)], { lastResetVersion: 0 }), [b])))
  refuses("account_reset_count", () => check(first, signed(successor(first, [listed(b, 1)], { kind: "reset", resetCount: 0 }), [b])))
  refuses("account_reset_count", () => check(first, signed(successor(first, [listed(a, 0)], { resetCount: 1 }), [a])))
  refuses("account_reset_count", () => check(undefined, signed(successor(undefined, [listed(a, 0)], { resetCount: 1 }), [a])))
})

test("A6: nothing follows a tombstone", () => {
  const erased = check(first, signed(successor(first, [], { kind: "tombstone" }), [a]))
  assert.equal(erased.kind, "tombstone")
  refuses("account_after_tombstone", () => check(erased, signed(successor(erased, [listed(b, 2)], { kind: "reset" }), [b])))
})

test("A7: an account without a device is refused, and so is a tombstone that holds keys", () => {
  refuses("account_no_device", () => check(first, signed(successor(first, []), [a])))
  refuses("account_no_device", () => check(undefined, signed(successor(undefined, []), [])))
  refuses("account_no_device", () => check(first, signed(successor(first, [listed(a, 0)], { kind: "tombstone" }), [a])))
  refuses("account_no_device", () => check(first, signed(successor(first, [], { kind: "tombstone", recoveryKey }), [a])))
})

test("A8: keys that verifiers could judge differently, of small order or non-canonical, are refused", () => {
  const unfit = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ]
  for (const key of unfit) {
    const bad = { ...listed(b, 1), signatureKey: fromHex(key) }
    refuses("account_key_unfit", () => check(first, signed(successor(first, [listed(a, 0), bad]), [a, b])))
    refuses("account_key_unfit", () => check(first, signed(successor(first, [listed(a, 0)], { recoveryKey: fromHex(key) }), [a])))
  }
})

test("A9: one key for two devices, or for a device and recovery, is refused", () => {
  const twin = { ...listed(b, 1), signatureKey: a.publicKey }
  refuses("account_key_reused", () => check(first, signed(successor(first, [listed(a, 0), twin]), [a, b])))
  refuses("account_key_reused", () => check(first, signed(successor(first, [listed(a, 0)], { recoveryKey: a.publicKey }), [a])))
})

test("A10: a kept device with another key, class or first version is refused, and a reset keeps none", () => {
  const swapped = { ...listed(a, 0), signatureKey: b.publicKey }
  refuses("account_device_changed", () => check(first, signed(successor(first, [swapped]), [a])))
  refuses("account_device_changed", () => check(first, signed(successor(first, [{ ...listed(a, 0), deviceClass: "bot" }]), [a])))
  refuses("account_device_changed", () => check(first, signed(successor(first, [listed(a, 1)]), [a])))
  refuses("account_device_changed", () => check(first, signed(successor(first, [listed(a, 0)], { kind: "reset" }), [a])))
})

test("A11: a new device that claims to be older or younger than this version is refused", () => {
  refuses("account_added_version", () => check(first, signed(successor(first, [listed(a, 0), listed(b, 0)]), [a, b])))
  refuses("account_added_version", () => check(first, signed(successor(first, [listed(a, 0), listed(b, 2)]), [a, b])))
})

test("A12: a ghost device without a signature of a device of the version before is refused", () => {
  refuses("account_unsigned", () => check(first, signed(successor(first, [listed(a, 0), listed(b, 1)]), [b])))
  refuses("account_unsigned", () => check(first, signed(successor(first, [], { kind: "tombstone" }), [])))
})

test("A13: a new device without proof of possession is refused, at genesis, update and reset", () => {
  refuses("account_no_possession", () => check(first, signed(successor(first, [listed(a, 0), listed(b, 1)]), [a])))
  refuses("account_no_possession", () => check(undefined, signed(successor(undefined, [listed(a, 0), listed(b, 0)]), [a])))
  refuses("account_no_possession", () => check(first, signed(successor(first, [listed(b, 1), listed(c, 1)], { kind: "reset" }), [b])))
})

test("A14: a signature by another key, or replayed from another state, is refused", () => {
  const forged = { ...a, privateKey: b.privateKey }
  refuses("account_bad_signature", () => check(first, signed(successor(first, [listed(a, 0)]), [forged])))
  const good = decodeSignedAccountState(first.signed)
  const other = encodeAccountState({
    ...good.state,
    devices: [{ ...listed(a, 0), deviceClass: "bot" }],
  })
  refuses("account_bad_signature", () => check(undefined, encodeSignedAccountState({ ...good, tbs: other })))
  const state = successor(withRecovery, [listed(b, 1)], { kind: "reset" })
  refuses("account_bad_signature", () => check(withRecovery, signed(state, [b], digest("not the recovery key"))))
  const [origin, accountId] = ["evil.example/kt/1", digest("mallory").slice(0, 16) as typeof testAccountId]
  const elsewhere = encodeSignedAccountState({ ...good, tbs: encodeAccountState({ ...good.state, origin }) })
  const renamed = encodeSignedAccountState({ ...good, tbs: encodeAccountState({ ...good.state, accountId }) })
  const replayed = { previous: undefined, origin: testOrigin, accountId: testAccountId }
  refuses("account_bad_signature", () => verifyAccountState(nodeLogCrypto, { ...replayed, next: elsewhere, origin }))
  refuses("account_bad_signature", () => verifyAccountState(nodeLogCrypto, { ...replayed, next: renamed, accountId }))
})

test("A15: a revoked or unknown device has no say, and neither has a recovery key outside a reset", () => {
  const two = genesis(["a", "b"])
  const revoked = check(two, signed(successor(two, [listed(a, 0)]), [a]))
  refuses("account_stray_signature", () => check(revoked, signed(successor(revoked, [listed(a, 0)]), [b])))
  refuses("account_stray_signature", () => check(first, signed(successor(first, [listed(b, 1)], { kind: "reset" }), [a, b])))
  refuses("account_stray_signature", () => check(withRecovery, signed(successor(withRecovery, [listed(a, 0)]), [a], recoverySeed)))
  refuses("account_stray_signature", () => check(first, signed(successor(first, [listed(b, 1)], { kind: "reset" }), [b], recoverySeed)))
})

test("A16: an account with a recovery key is reset only with it", () => {
  const state = successor(withRecovery, [listed(b, 1)], { kind: "reset" })
  refuses("account_recovery_unsigned", () => check(withRecovery, signed(state, [b])))
  assert.equal(check(withRecovery, signed(state, [b], recoverySeed)).kind, "recovery reset")
})

test("A17: a chain begins with genesis and has one genesis", () => {
  refuses("account_kind", () => check(undefined, signed(successor(undefined, [listed(a, 0)], { kind: "update" }), [a])))
  refuses("account_kind", () => check(first, signed(successor(first, [listed(a, 0)], { kind: "genesis" }), [a])))
})

test("A18: an update that replaces or drops a recovery key is refused; a first one and what a recovery reset names are taken", () => {
  const thief = ed25519PublicKey(digest("thief"))
  const update = (more: Partial<AccountState>) => signed(successor(withRecovery, [listed(a, 0)], more), [a])
  refuses("account_recovery_changed", () => check(withRecovery, update({ recoveryKey: thief })))
  refuses("account_recovery_changed", () => check(withRecovery, update({ recoveryKey: undefined })))
  assert.deepEqual(check(withRecovery, update({})).state.recoveryKey, recoveryKey)

  const given = check(first, signed(successor(first, [listed(a, 0)], { recoveryKey }), [a]))
  refuses("account_recovery_changed", () => check(given, signed(successor(given, [listed(a, 0)], { recoveryKey: thief }), [a])))

  const another = successor(withRecovery, [listed(b, 1)], { kind: "reset", recoveryKey: thief })
  const reset = check(withRecovery, signed(another, [b], recoverySeed))
  assert.deepEqual([reset.kind, reset.state.recoveryKey], ["recovery reset", thief])
  assert.equal(check(withRecovery, signed(successor(withRecovery, [], { kind: "tombstone" }), [a])).kind, "tombstone")
})

test("A hard reset is told apart, holds the devices, and a later update does not shake off the hold", () => {
  const reset = check(first, signed(successor(first, [listed(b, 1)], { kind: "reset" }), [b]))
  assert.equal(reset.kind, "hard reset")
  const later = check(reset, signed(successor(reset, [listed(b, 1), listed(c, 2)]), [b, c]))
  assert.deepEqual(later.lastReset, { version: 1, hard: true })
  assert.equal(heldUntilMs(later, { resetEpochTimeMs: 1000, resetDelayMs: 500 }), 1500)
  assert.equal(heldUntilMs(first, { resetEpochTimeMs: 1000, resetDelayMs: 500 }), undefined)
  const stored = decodeVerifiedAccountState(nodeLogCrypto, encodeVerifiedAccountState(later))
  assert.deepEqual(stored, later)
})

test("A recovery key that came with or after a hard reset shakes off its hold no more than an update does; one from before holds nobody", () => {
  const reset = check(first, signed(successor(first, [listed(b, 1)], { kind: "reset", recoveryKey }), [b]))
  const again = check(reset, signed(successor(reset, [listed(c, 2)], { kind: "reset" }), [c], recoverySeed))
  assert.equal(again.kind, "recovery reset")
  assert.deepEqual(again.lastReset, { version: 1, hard: true })
  const honest = check(withRecovery, signed(successor(withRecovery, [listed(b, 1)], { kind: "reset" }), [b], recoverySeed))
  assert.deepEqual(honest.lastReset, { version: 1, hard: false })
})

test("An update may give an account a recovery key, and from then on it is reset only with it", () => {
  const given = check(first, signed(successor(first, [listed(a, 0)], { recoveryKey }), [a]))
  refuses("account_recovery_unsigned", () => check(given, signed(successor(given, [listed(b, 2)], { kind: "reset" }), [b])))
  assert.equal(check(given, signed(successor(given, [listed(b, 2)], { kind: "reset" }), [b], recoverySeed)).kind, "recovery reset")
})

test("An account state has one encoding: every flipped byte, lost byte and added byte is refused with a code", () => {
  const two = check(first, signed(successor(first, [listed(a, 0), listed(b, 1)]), [a, b]))
  for (let i = 0; i < two.signed.length; i++) {
    for (const mask of [0x01, 0x80]) {
      const bad = two.signed.slice()
      bad[i] = (bad[i] as number) ^ mask
      refuses(undefined, () => check(first, bad))
    }
    refuses(undefined, () => check(first, two.signed.subarray(0, i)))
  }
  refuses("malformed", () => check(first, Uint8Array.of(...two.signed, 0)))
  refuses("malformed", () => check(first, new Uint8Array(maxSignedAccountStateBytes + 1)))
})

test("G1: devices or signatures out of order, twice, or too many are malformed", () => {
  const devices = [listed(a, 0), listed(b, 0)]
  const state: AccountState = {
    ...successor(undefined, devices),
    devices: ascending(devices).toReversed(),
  }
  assert.throws(() => decodeAccountState(encodeAccountState(state)), CodecError)
  const many = Array.from({ length: 21 }, (_, i) => testDevice(`many ${i}`))
  const listedMany = many.map((device) => listed(device, 0))
  refuses("malformed", () => check(undefined, signed(successor(undefined, listedMany), many)))
  const full = many.slice(0, 20)
  const largest = signed(
    successor(
      undefined,
      full.map((device) => listed(device, 0)),
      { origin: "o".repeat(255), recoveryKey },
    ),
    full,
  )
  assert.equal(decodeSignedAccountState(largest).tbs.length, maxAccountStateBytes)
  const twice = decodeSignedAccountState(first.signed)
  refuses("malformed", () =>
    check(
      undefined,
      encodeSignedAccountState({
        ...twice,
        signatures: [...twice.signatures, ...twice.signatures],
      }),
    ),
  )
  refuses("malformed", () =>
    verifyAccountChain(nodeLogCrypto, {
      previous: undefined,
      states: Array.from({ length: maxChainVersions + 1 }, () => first.signed),
      origin: testOrigin,
      accountId: testAccountId,
    }),
  )
  assert.ok(compare(a.deviceId, b.deviceId) !== 0)
})

test("Two implementations of the primitives agree on a chain", () => {
  const again = verifyAccountState(nobleLogCrypto, {
    previous: undefined,
    next: first.signed,
    origin: testOrigin,
    accountId: testAccountId,
  })
  assert.ok(equal(again.stateHash, first.stateHash))
})
