// The id of a request for what was missed: random, and its last byte says how often it was asked for before. What is answered once is not answered
// again, and asking again is another request.

/** As many times as one byte counts. */
export const triesMax = 250

export function nameOfRequest(requestId: Uint8Array): Uint8Array {
  return withTries(requestId, 0)
}

export function withTries(requestId: Uint8Array, tries: number): Uint8Array {
  const out = Uint8Array.from(requestId)
  out[out.length - 1] = tries
  return out
}
