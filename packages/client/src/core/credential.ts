// Who a leaf says it is: BasicCredential identity = CBOR [origin, account_id, device_id] (docs/protocol.md, "Groups").

import { CodecError, bytes, decodeCbor, encodeCbor } from "@nodoor/bytes"
import { type AccountId, type DeviceId, isOriginText } from "@nodoor/keylog"
import { idBytes } from "@nodoor/wire"

export interface Identity {
  readonly origin: string
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Origin of at most 255 bytes, two ids, and CBOR's heads. */
const maxIdentityBytes = 300

export function encodeIdentity(identity: Identity): Uint8Array {
  return encodeCbor([identity.origin, identity.accountId, identity.deviceId])
}

/** @throws CodecError */
export function decodeIdentity(input: Uint8Array): Identity {
  const value = decodeCbor(input, { maxBytes: maxIdentityBytes })
  if (!Array.isArray(value) || value.length !== 3) throw new CodecError("invalid_value", "identity")
  const [origin, accountId, deviceId] = value as unknown[]
  if (typeof origin !== "string" || !isOriginText(origin)) throw new CodecError("invalid_value", "origin of an identity")
  return { origin, accountId: bytes(id(accountId)), deviceId: bytes(id(deviceId)) }
}

function id(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== idBytes) throw new CodecError("invalid_value", "id of an identity")
  return value
}
