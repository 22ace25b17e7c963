// The chain of the desk's log as this page checks it again by itself: each entry's hash is of its text, and its text names the hash of the
// one before it.

export interface ChainEntry {
  readonly seq: number
  /** Canonical JSON. */
  readonly entry: string
  /** SHA-256 of `entry`, hexadecimal. */
  readonly hash: string
}

const firstPrev = "0".repeat(64)

/**
 * Answers the number of the first entry that does not fit, undefined if all do.
 * @param entries the newest first, without gaps
 */
export async function brokenAt(entries: readonly ChainEntry[], sha256: (text: string) => Promise<string>): Promise<number | undefined> {
  for (const [at, { seq, entry, hash }] of entries.entries()) {
    const older = entries[at + 1]
    const { seq: ownSeq, prev } = linkOf(entry)
    if (ownSeq !== seq || (await sha256(entry)) !== hash) return seq
    if (older !== undefined && (older.seq !== seq - 1 || prev !== older.hash)) return seq
    if (seq === 1 && prev !== firstPrev) return seq
  }
  return undefined
}

export async function browserSha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function linkOf(entry: string): { readonly seq: unknown; readonly prev: unknown } {
  try {
    const parsed = JSON.parse(entry) as { readonly seq?: unknown; readonly prev?: unknown } | null
    return { seq: parsed?.seq, prev: parsed?.prev }
  } catch {
    return { seq: undefined, prev: undefined }
  }
}
