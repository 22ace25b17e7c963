// What "refused" means in the tests: the one error with the one code, and the state as it was.

import assert from "node:assert/strict"
import { toHex } from "@nodoor/bytes"
import type { GroupState } from "../../src/api/api.ts"
import { process, records } from "../../src/index.ts"
import { MlsError, type MlsErrorCode } from "../../src/codec/mls-error.ts"
import { type Party, env } from "./forge.ts"

/** Runs `act`, which must throw an MlsError of this code. */
export function refuses(code: MlsErrorCode, act: () => unknown): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof MlsError, `${String(error)}`)
    assert.equal(error.code, code, error.message)
    return true
  })
}

/** All records of a state as one text, to see whether anything changed. */
export function snapshot(state: GroupState): string {
  return records(state)
    .map(({ key, value }) => `${key}=${toHex(value ?? new Uint8Array(0))}`)
    .join("\n")
}

/** A member refuses a message with this code, and its state is whole afterwards. */
export function refusesMessage(party: Party, code: MlsErrorCode, message: Uint8Array): void {
  const before = snapshot(party.state)
  refuses(code, () => process(env, party.state, message))
  assert.equal(snapshot(party.state), before)
}
