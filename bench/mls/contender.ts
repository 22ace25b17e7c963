// What every MLS implementation is asked to do. The same modules run in Node and in a browser, so nothing here knows either.

/** One implementation in one suite. */
export interface Contender {
  readonly name: string
  /** A group of `size` members in the state that the operations start from; undefined where the implementation cannot have one. */
  prepare(size: number): Promise<Prepared | undefined>
}

/** Operations of a prepared group. Each can be run again and again from the same start; absent ones it cannot do. */
export interface Prepared {
  /** Protects a message of 64 bytes. */
  readonly encrypt: Operation
  /** Unprotects the next message of another member. */
  readonly decrypt: Operation
  /** Protects a message and has what must be stored ready as bytes. */
  readonly encryptAndSave?: Operation
  /** A commit of our own that renews our leaf and its path, and the state after it. */
  readonly ownCommit?: Operation
  /** Such a commit of another member, processed and applied. */
  readonly processCommit?: Operation
  /** The first commit after everybody was added at once: its path is encrypted to each of them singly. */
  readonly processFirstCommit?: Operation
  /** Joins with a Welcome that holds the ratchet tree, after several members have committed. */
  readonly join?: Operation
  /** What must be stored after a message, made from the state as it is in memory. */
  readonly toStore?: () => readonly { readonly key: string; readonly value: Uint8Array | undefined }[]
  readonly bytes: Sizes
}

export interface Operation {
  readonly before?: () => unknown
  readonly run: () => unknown
}

export interface Sizes {
  readonly application?: number
  readonly commit?: number
  readonly firstCommit?: number
  readonly welcome?: number
  /** Written to disk after one message, after the first of an epoch, and after another member's commit. */
  readonly storedPerMessage?: number
  readonly storedPerFirstMessage?: number
  readonly storedPerCommit?: number
}

export const plaintext64: Uint8Array = new Uint8Array(64).fill(0x61)

/**
 * Leaves whose commits fill every node beside the path of leaf 0, as in a group where everybody has been active: from then on its
 * commits are encrypted to one node per level.
 */
export function fillingLeaves(size: number): number[] {
  const leaves: number[] = []
  for (let leaf = 1; leaf < size; leaf *= 2) leaves.push(leaf)
  return leaves
}

/** Everything of one group of `size`, from nothing to all members added in one commit; for the time and memory of that commit. */
export interface Adder {
  readonly name: string
  /** Makes the key packages, then returns the commit as a function to be timed. */
  prepareAdd(size: number): Promise<() => unknown>
}
