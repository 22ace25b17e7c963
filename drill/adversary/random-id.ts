import { randomBytes } from "node:crypto"
import { bytes } from "@nodoor/bytes"

export function randomId<Name extends string>(): ReturnType<typeof bytes<Name>> {
  return bytes<Name>(new Uint8Array(randomBytes(16)))
}
