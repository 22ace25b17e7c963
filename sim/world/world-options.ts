// How large a world is, and what happens in it.

export interface WorldOptions {
  readonly seed: number
  /** At least five. */
  readonly accounts: number
  /** How many devices an account has at most, at one time. One: nobody links any. */
  readonly devices: number
  /** Things people do before the network heals. */
  readonly deedCount: number
  /** How many groups people make at most, besides chats of two. */
  readonly groups: number
  /** How many messages are written at least. */
  readonly messages: number
  /** How many devices become somebody else's, who has changed code and breaks groups, if there are any to break. */
  readonly wreckers: number
  /** How many accounts lose all their devices and are brought back by their words. */
  readonly losses: number
  /** How many stores are put back to an older copy. */
  readonly putBacks: number
}

/** What a world is like that nobody said more of: every combination of what may happen comes up among the seeds. */
export function worldOptions(seed: number, given: Partial<WorldOptions> = {}): WorldOptions {
  return {
    accounts: 5,
    devices: 1,
    deedCount: 300,
    groups: Number.POSITIVE_INFINITY,
    messages: 0,
    wreckers: seed % 3 === 0 ? 1 : 0,
    losses: seed % 4 === 1 ? 1 : 0,
    putBacks: seed % 2,
    ...given,
    seed,
  }
}
