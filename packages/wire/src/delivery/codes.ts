// Why the delivery service refuses something. The numbers stand on the wire and are never given to another code.

/** docs/protocol.md says for each code what a client does about it. */
export const deliveryCodes = {
  /** Bytes that are no frame of docs/protocol.md, or values that contradict each other. The stream closes. */
  bad_request: 1,
  /** The store cannot write now. Nothing was done. */
  unavailable: 2,
  /** A bug of the server. Nothing was done. */
  internal: 3,
  /** The answer says when to come back. */
  rate_limited: 4,
  too_large: 5,
  /** There is no such group, as far as this caller can prove. */
  group_not_found: 6,
  /** Another group has the id. */
  group_exists: 7,
  /** The epoch is over. The answer holds the group's. */
  epoch_stale: 8,
  /** The group has not come to this epoch. The answer holds the group's. */
  epoch_future: 9,
  invalid_mac: 10,
  invalid_signature: 11,
  /** No such seat, or another secret: which of the two is not said. */
  seat_unknown: 12,
  /** A newer subscription reads at this seat. */
  seat_taken: 13,
  /** The seat has a new key. What was read with the old secret ends. */
  seat_rekeyed: 14,
  /** `n` of a re-keying is not greater than that of the seat. */
  rekey_stale: 15,
  too_many_seats: 16,
  /** Forged, expired, or of the other kind of stream. */
  pass_invalid: 17,
  /** The pass has no budget left for this. */
  pass_used_up: 18,
  /** Forged, of a key that is over, or for the other half of the server. */
  token_invalid: 19,
  token_spent: 20,
  /** One body is larger than all that the group's log may hold. */
  log_full: 21,
  /** The stream was not read fast enough. It resumes from the cursor. */
  slow_reader: 22,
  /** Something acknowledged or read that never was. */
  cursor_ahead: 23,
  /** The first item of a stream must open it. */
  unauthorized: 24,
} as const

export type DeliveryCode = keyof typeof deliveryCodes

const names: ReadonlyMap<number, DeliveryCode> = new Map(Object.entries(deliveryCodes).map(([name, code]) => [code, name as DeliveryCode]))

/** Undefined for a number that no code has. */
export function deliveryCodeOf(number: number): DeliveryCode | undefined {
  return names.get(number)
}

/** A refusal of the delivery service, thrown by its operations and by the client's streams. */
export class DeliveryRefusal extends Error {
  readonly code: DeliveryCode
  /** With `epoch_stale` and `epoch_future`: the group's epoch. */
  readonly epoch: number | undefined
  /** Milliseconds after which it is worth trying again. */
  readonly retryAfterMs: number | undefined
  constructor(code: DeliveryCode, detail: { readonly epoch?: number | undefined; readonly retryAfterMs?: number | undefined } = {}) {
    super(code)
    this.name = "DeliveryRefusal"
    this.code = code
    this.epoch = detail.epoch
    this.retryAfterMs = detail.retryAfterMs
  }
}
