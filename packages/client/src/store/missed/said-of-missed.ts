// What devices say to each other of messages that one of them missed (resend.ts).

import type { Range } from "./ranges.ts"

export interface ResendRequest {
  readonly requestId: Uint8Array
  /** The group whose log it is about: the one in which it is asked, one that it goes on from, or any in the group of the own devices. */
  readonly about: Uint8Array
  /** Answers are sealed to it. */
  readonly kemKey: Uint8Array
  readonly ranges: readonly Range[]
}

export interface Resent {
  readonly requestId: Uint8Array
  /** `more`: another one follows. `whole`: nothing of this account's is left to say. `part`: something may be. */
  readonly end: "more" | "whole" | "part"
  readonly kemOutput: Uint8Array
  readonly ciphertext: Uint8Array
}

export type SaidOfMissed = { readonly asked: ResendRequest } | { readonly answered: Resent } | { readonly refused: "malformed" }
