// What a person sees of a notice of the operator.

import type { Hex } from "../../core/hex.ts"
import type { OperatorNotice } from "@nodoor/wire"

/** What the operator says of a request that named this account. Nobody but the operator vouches for it, and it is no message of anybody. */
export interface OperatorNoticeView extends OperatorNotice {
  readonly id: Hex
  /** Whose operator says so. */
  readonly origin: string
  readonly arrivedAtMs: number
  /** When the person read it. */
  readonly acknowledgedAtMs: number | undefined
}
