// Pre-shared keys, RFC 9420 §8.4.

import { CodecError, type TlsReader, TlsWriter, bytes } from "@nodoor/bytes"
import type { PskId, PskLookup } from "../api/api.ts"
import { expandWithLabel } from "../codec/cryptographic-objects.ts"
import { zeros } from "./key-schedule.ts"
import { maxKeyBytes, maxOpaqueBytes } from "../codec/limits.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

/** PreSharedKeyID. */
export interface PreSharedKeyId {
  readonly id: PskId
  readonly nonce: Uint8Array
}

const usages = ["application", "reinit", "branch"] as const

export function writePreSharedKeyId(writer: TlsWriter, psk: PreSharedKeyId): void {
  if (psk.id.type === "external") writer.u8(1).vector(psk.id.id)
  else
    writer
      .u8(2)
      .u8(usages.indexOf(psk.id.usage) + 1)
      .vector(psk.id.groupId)
      .u64(psk.id.epoch)
  writer.vector(psk.nonce)
}

function readPskId(reader: TlsReader): PskId {
  const type = reader.u8()
  if (type === 1) return { type: "external", id: reader.vector(maxOpaqueBytes) }
  if (type !== 2) throw new CodecError("invalid_value", "PSK type")
  const usage = usages[reader.u8() - 1]
  if (usage === undefined) throw new CodecError("invalid_value", "resumption PSK usage")
  return { type: "resumption", usage, groupId: bytes<"GroupId">(reader.vector(maxOpaqueBytes)), epoch: reader.u64() }
}

export function readPreSharedKeyId(reader: TlsReader): PreSharedKeyId {
  return { id: readPskId(reader), nonce: reader.vector(maxKeyBytes) }
}

/** psk_secret of these keys in this order; all zero for none. */
export function pskSecret(suite: SuiteCrypto, psks: readonly (PreSharedKeyId & { readonly secret: Uint8Array })[]): Uint8Array {
  let secret = zeros(suite)
  psks.forEach((psk, index) => {
    const label = new TlsWriter()
    writePreSharedKeyId(label, psk)
    label.u16(index).u16(psks.length)
    const input = expandWithLabel(suite, suite.extract(zeros(suite), psk.secret), "derived psk", label.finish(), suite.hashBytes)
    secret = suite.extract(input, secret)
  })
  return secret
}

/** Looks all of them up. @throws MlsError `psk_unknown`, RFC 9420 §12.4.2: "Verify that all PreSharedKey proposals … are available" */
export function lookUpPskSecret(suite: SuiteCrypto, ids: readonly PreSharedKeyId[], lookup: PskLookup | undefined): Uint8Array {
  const known = ids.map((psk) => {
    const secret = lookup?.(psk.id)
    if (secret === undefined) throw new MlsError("psk_unknown", "a pre-shared key that this member does not hold")
    return { ...psk, secret }
  })
  check(known.length < 0x10000, "oversized", "too many pre-shared keys")
  return pskSecret(suite, known)
}
