import { encodeTls, toUtf8 } from "@nodoor/bytes"

/** What a device signs to open a session: `"nodoor/session/v1" ‖ 0x00 ‖ origin ‖ challenge[32] ‖ device_id[16]`. */
export function sessionSignatureInput(input: {
  readonly origin: string
  readonly challenge: Uint8Array
  readonly deviceId: Uint8Array
}): Uint8Array {
  return encodeTls((w) => w.raw(toUtf8("nodoor/session/v1\0")).raw(toUtf8(input.origin)).raw(input.challenge).raw(input.deviceId))
}
