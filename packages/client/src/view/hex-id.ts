import { fromHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import type { Hex } from "../core/hex.ts"
import { lookupTexts } from "../texts/en.ts"

/** @throws ClientError `invalid_input` */
export function hexId(id: Hex): Uint8Array {
  try {
    return fromHex(id)
  } catch (error) {
    throw new ClientError("invalid_input", lookupTexts.idForm, { cause: error })
  }
}
