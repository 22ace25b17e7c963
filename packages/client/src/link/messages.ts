// What two devices that are being linked say to each other, message by message (docs/protocol.md, "Linking"). All of it is the other side's input.

import { CodecError, bytes, concat, decodeTls, encodeTls, equal, fromUtf8, toUtf8 } from "@nodoor/bytes"
import { type AccountId, type DeviceClass, type DeviceId, deviceClasses, isHandle } from "@nodoor/keylog"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { hashBytes, idBytes, limits, publicKeyBytes, signatureBytes } from "@nodoor/wire"
import { productSuite } from "../core/suite.ts"

/** In which slot of the meeting place each message stands. The last three are said again when the account changed meanwhile. */
export const slots = { commitment: 0, offer: 1, hello: 2, grant: 3, signature: 4, result: 5 } as const
export const slotsPerRound = 3
export const roundsMax = 4

export const nonceBytes = 16

/** The new device, to the old one. It says it only after the old one has made its offer, and has committed to it before. */
export interface Hello {
  /** X-Wing: what the account is handed over under. */
  readonly kemKey: Uint8Array
  readonly deviceId: DeviceId
  readonly deviceClass: DeviceClass
  readonly signatureKey: Uint8Array
  /** What the device calls itself. */
  readonly name: string
  readonly nonce: Uint8Array
}

/** The account, handed to the new device after the person has said that it is theirs. */
export interface Grant {
  readonly accountId: AccountId
  readonly handle: string
  /** What contacts see. */
  readonly name: string
  /** Every version of the account, oldest first. */
  readonly states: readonly Uint8Array[]
  /** The version that adds the new device, signed by the old one. */
  readonly next: Uint8Array
  readonly recoverySeed: Uint8Array | undefined
  /** The key log as the old device knows it. */
  readonly log: { readonly config: Uint8Array; readonly head: Uint8Array } | undefined
}

export const endings = ["denied", "wrong_number", "cancelled", "expired", "account_changed", "not_allowed", "invalid"] as const
export type Ending = (typeof endings)[number]

/** How a round ended, said by the old device: the device is listed, or another round follows, or that was all. */
export type Result = { readonly type: "done" } | { readonly type: "again" } | { readonly type: "ended"; readonly why: Ending }

const version = 1
const nameBytes = 512
const configBytes = 16_384

export function encodeHello({ kemKey, deviceId, deviceClass, signatureKey, name, nonce }: Hello): Uint8Array {
  return encodeTls((w) =>
    w.u8(version).vector(kemKey).raw(deviceId).u8(deviceClasses.indexOf(deviceClass)).raw(signatureKey).vector(toUtf8(name)).raw(nonce),
  )
}

/** @throws CodecError */
export function decodeHello(input: Uint8Array): Hello {
  return decodeTls(input, (r) => {
    if (r.u8() !== version) throw new CodecError("invalid_value", "version of linking")
    const kemKey = r.vector(4_096).slice()
    const deviceId = bytes<"DeviceId">(r.raw(idBytes).slice())
    const deviceClass = deviceClasses[r.u8()]
    if (deviceClass === undefined) throw new CodecError("invalid_value", "class of a device")
    const signatureKey = r.raw(publicKeyBytes).slice()
    const name = fromUtf8(r.vector(nameBytes))
    return { kemKey, deviceId, deviceClass, signatureKey, name, nonce: r.raw(nonceBytes).slice() }
  })
}

/** What the new device is bound to before it has seen the offer, so that nobody can choose keys until the numbers are alike. */
export function commitmentOf(crypto: CryptoProvider, hello: Uint8Array): Uint8Array {
  return crypto.sha256(concat(toUtf8("nodoor/link/commitment\0"), hello))
}

/** @throws CodecError */
export function decodeCommitment(input: Uint8Array): Uint8Array {
  return decodeTls(input, (r) => r.raw(hashBytes).slice())
}

/** @throws CodecError */
export function decodeOffer(input: Uint8Array): Uint8Array {
  return decodeTls(input, (r) => r.raw(nonceBytes).slice())
}

/** Everything both sides have said up to here. */
export function transcriptOf(
  crypto: CryptoProvider,
  said: { readonly commitment: Uint8Array; readonly offer: Uint8Array; readonly hello: Uint8Array },
): Uint8Array {
  const label = toUtf8("nodoor/link/transcript\0")
  return crypto.sha256(encodeTls((w) => w.raw(label).vector(said.commitment).vector(said.offer).vector(said.hello)))
}

/** Two digits. */
export function numberOf(transcript: Uint8Array): number {
  return new DataView(transcript.buffer, transcript.byteOffset).getUint32(0) % 100
}

export function encodeGrant({ accountId, handle, name, states, next, recoverySeed, log }: Grant): Uint8Array {
  return encodeTls((w) =>
    w
      .u8(version)
      .raw(accountId)
      .vector(toUtf8(handle))
      .vector(toUtf8(name))
      .list(states, (inner, state) => inner.vector(state))
      .vector(next)
      .optional(recoverySeed, (inner, seed) => inner.raw(seed))
      .optional(log, (inner, { config, head }) => inner.vector(config).vector(head)),
  )
}

/** @throws CodecError */
export function decodeGrant(input: Uint8Array): Grant {
  return decodeTls(input, (r) => {
    if (r.u8() !== version) throw new CodecError("invalid_value", "version of linking")
    const accountId = bytes<"AccountId">(r.raw(idBytes).slice())
    const handle = fromUtf8(r.vector(limits.handleMax))
    if (!isHandle(handle)) throw new CodecError("invalid_value", "handle")
    return {
      accountId,
      handle,
      name: fromUtf8(r.vector(nameBytes)),
      states: r.list((inner) => inner.vector(limits.accountStateBytes).slice(), 1_024),
      next: r.vector(limits.accountStateBytes).slice(),
      recoverySeed: r.optional((inner) => inner.raw(32).slice()),
      log: r.optional((inner) => ({ config: inner.vector(configBytes).slice(), head: inner.vector(configBytes).slice() })),
    }
  })
}

const grantLabel = toUtf8("nodoor/link/grant\0")

/** For the new device alone: whoever has the code and not its key reads nothing of it. */
export function sealGrant(
  crypto: CryptoProvider,
  random: Random,
  { grant, kemKey, transcript }: { readonly grant: Grant; readonly kemKey: Uint8Array; readonly transcript: Uint8Array },
): Uint8Array | undefined {
  const suite = crypto.suite(productSuite)
  const to = suite.importPublicKey(kemKey)
  if (!to) return undefined
  const info = concat(grantLabel, transcript)
  const { kemOutput, ciphertext } = suite.hpkeSeal(to, info, new Uint8Array(), encodeGrant(grant), random)
  return encodeTls((w) => w.u8(1).vector(kemOutput).vector(ciphertext))
}

/** A grant, or why there is none. @throws CodecError also for what is not sealed to this key */
export function openGrant(
  crypto: CryptoProvider,
  input: Uint8Array,
  { kemSeed, transcript }: { readonly kemSeed: Uint8Array; readonly transcript: Uint8Array },
): Grant | Exclude<Result, { readonly type: "done" }> {
  if (input[0] !== 1) {
    const result = decodeResult(input)
    if (result.type === "done") throw new CodecError("invalid_value", "end of linking")
    return result
  }
  const suite = crypto.suite(productSuite)
  const key = suite.importPrivateKey(kemSeed)
  const { kemOutput, ciphertext } = decodeTls(input, (r) => {
    r.u8()
    return { kemOutput: r.vector(4_096).slice(), ciphertext: r.vector(limits.rendezvousBytes).slice() }
  })
  const opened = key && suite.hpkeOpen(key, kemOutput, concat(grantLabel, transcript), new Uint8Array(), ciphertext)
  if (!opened) throw new CodecError("invalid_value", "grant for another device")
  return decodeGrant(opened)
}

export function encodeSignature(next: Uint8Array): Uint8Array {
  return encodeTls((w) => w.vector(next))
}

/** The version with the signature of the new device as well. @throws CodecError */
export function decodeSignature(input: Uint8Array): Uint8Array {
  return decodeTls(input, (r) => r.vector(limits.accountStateBytes + signatureBytes).slice())
}

export function encodeResult(result: Result): Uint8Array {
  return encodeTls((w) => {
    w.u8(result.type === "ended" ? 2 : result.type === "again" ? 3 : 4)
    if (result.type === "ended") w.u8(endings.indexOf(result.why))
  })
}

/** @throws CodecError */
export function decodeResult(input: Uint8Array): Result {
  return decodeTls(input, (r): Result => {
    const type = r.u8()
    if (type === 4) return { type: "done" }
    if (type === 3) return { type: "again" }
    const why = type === 2 ? endings[r.u8()] : undefined
    if (why === undefined) throw new CodecError("invalid_value", "end of linking")
    return { type: "ended", why }
  })
}

/** Whether the hello is the one that was committed to. */
export function isCommitted(crypto: CryptoProvider, commitment: Uint8Array, hello: Uint8Array): boolean {
  return equal(commitmentOf(crypto, hello), commitment)
}
