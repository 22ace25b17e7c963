// The adversary's log. It is the production keeper with the log's real keys. It takes every row the adversary feeds it, and signs every
// tree it builds. A copy of its files is a second log under the same keys: a fork.

import { cpSync } from "node:fs"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { WireError } from "@nodoor/wire"
import {
  type NoteKey,
  appendSignatures,
  decodeSearchRequest,
  decodeSearchResponse,
  encodeSearchRequest,
  encodeSearchResponse,
  formatLogEntry,
  formatNote,
  formatVerifierKey,
  noteKey,
  noteKeyTypes,
  parseNote,
  signCosignature,
} from "@nodoor/keylog"
import { nodeProvider } from "@nodoor/mls/node"
import { type KeyLog, LogKeeper, openKeeper, serverCrypto } from "@nodoor/server"
import type { Feed, FeedRow } from "./feed-row.ts"

export const dayMs = 86_400_000
/** As the production server: an epoch is due so often, whether or not there is anything for it. */
const epochAtLeastEveryMs = 20 * 3_600_000

/** Only the adversary signs. A log without independent witnesses is the adversary's best case. */
const soloPolicy = formatLogEntry({ kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] })

interface Witness {
  readonly key: NoteKey
  readonly privateKey: Uint8Array
}

export class AdversaryLog {
  readonly keeper: LogKeeper
  #witness: Witness | undefined
  #forsaken = false
  readonly #folder: string
  readonly #origin: string
  readonly #close: () => void
  /** What becomes of a row before it is logged. Undefined: it is left out for good. */
  tamper: (row: FeedRow) => FeedRow | undefined = (row) => row
  /** Rows that the adversary made, for the next epoch. */
  more: FeedRow[] = []
  /** Nothing is logged any more. */
  frozen = false
  #notices = 0
  /** When the last epoch was made, by a clock that is right. */
  #publishedMs = 0
  /** How far ahead the log's own clock is. */
  aheadMs = 0
  #tokenKeys: Feed["tokenKeys"] = []
  /** Highest row of the accounts that was looked at. */
  #seen = 0

  private constructor(folder: string, origin: string, seen: number) {
    const files = { folder: join(folder, "keys"), databasePath: join(folder, "log.sqlite") }
    const opened = openKeeper(
      { ...files, beginning: { origin: `${origin}/kt/1`, resetDelayMs: dayMs, policy: soloPolicy } },
      { random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)) },
    )
    this.keeper = opened.keeper
    this.#close = opened.close
    this.#folder = folder
    this.#origin = origin
    this.#seen = seen
  }

  static open(folder: string, origin: string): AdversaryLog {
    return new AdversaryLog(folder, origin, 0)
  }

  /** From now on an independent witness vouches for this log, by the policy that the log names. */
  async nameWitness(publish: () => Promise<void>): Promise<void> {
    this.#witness = newWitness()
    const witnesses = [formatVerifierKey(this.#witness.key)]
    const policy = { kind: "policy", quorum: 1, faults: 0, audits: 0, witnesses, operators: [], auditors: [] } as const
    this.keeper.enqueue({ entry: formatLogEntry(policy) })
    await publish()
  }

  /** The witness signs another copy, and so never this one: whatever it is made to publish is shown without the witness's statement. */
  forsakeWitness(): void {
    this.#forsaken = true
  }

  /** Another log with the same keys and the same past, from here on with its own future. */
  fork(name: string): AdversaryLog {
    const folder = `${this.#folder}-${name}`
    cpSync(this.#folder, folder, { recursive: true, filter: (path) => !path.endsWith("-shm") })
    const made = new AdversaryLog(folder, this.#origin, this.#seen)
    made.#witness = this.#witness
    made.#publishedMs = this.#publishedMs
    return made
  }

  /** Logs and signs what there is to log. `rows` are all account states from the first one on. */
  publish({ rows, tokenKeys }: Pick<Feed, "rows" | "tokenKeys">, nowMs: number): void {
    if (this.frozen) return
    this.#tokenKeys = tokenKeys
    const fresh = rows.filter((row) => row.order > this.#seen)
    this.#seen = Math.max(this.#seen, ...fresh.map((row) => row.order))
    this.#publish([...this.more.splice(0), ...fresh.flatMap((row) => this.tamper(row) ?? [])], nowMs)
  }

  #publish(taken: readonly FeedRow[], nowMs: number): void {
    const tokenKeys = this.#tokenKeys
    this.keeper.prepare({ rows: taken, tokenKeys })
    const evenEmpty = nowMs - this.#publishedMs >= epochAtLeastEveryMs
    if (!this.keeper.build({ rows: taken, tokenKeys, nowMs: nowMs + this.aheadMs, evenEmpty })) return
    this.#publishedMs = nowMs
    const { note } = this.keeper.draft({ knownSizes: [] })
    this.keeper.publish({ note: this.#witnessed(note, nowMs), nowMs })
  }

  /** One epoch more, of a notice that nobody needs. */
  grow(nowMs: number): void {
    const day = new Date(Date.UTC(2000, 0, 1 + this.#notices++)).toISOString().slice(0, 10)
    this.keeper.enqueue({ entry: formatLogEntry({ kind: "notice", day, slot: new Uint8Array(randomBytes(32)), opened: [] }) })
    this.#publish([], nowMs)
  }

  /** The newest checkpoint, as it is published. */
  note(): Uint8Array {
    const note = this.keeper.checkpoint()
    if (note === undefined) throw new TypeError("nothing is published")
    return note
  }

  #witnessed(note: Uint8Array, nowMs: number): Uint8Array {
    if (!this.#witness) return note
    const { key, privateKey } = this.#witness
    const { text } = parseNote(note)
    return appendSignatures(note, [signCosignature(serverCrypto, { text, key, privateKey, timeSeconds: Math.floor(nowMs / 1_000) })])
  }

  /** Answers a search. Who knows a larger log is answered as if it knew none. */
  search(request: Uint8Array): Uint8Array {
    const asked = decodeSearchRequest(request)
    const { publishedSize } = this.keeper.status()
    const tooLarge = asked.lastSize !== undefined && asked.lastSize > publishedSize
    const response = this.keeper.search({ request: tooLarge ? encodeSearchRequest({ ...asked, lastSize: undefined }) : request })
    return this.#forsaken ? withoutWitness(response) : response
  }

  /** The routes of the production server, answered from this log. */
  routes(onChange: () => void): KeyLog {
    return {
      search: async (request) => this.search(request),
      watchSet: async (label) => this.keeper.watchSet({ label }),
      config: async () => this.keeper.config(),
      inserted: async (request) => this.keeper.inserted(request),
      tokenKey: async (epoch) => this.keeper.tokenKey({ epoch }),
      file: async (path) => this.keeper.file({ path }),
      changed: onChange,
      logged: async (label, version) => {
        onChange()
        if ((this.keeper.latestVersion({ label }) ?? -1) < version) throw new WireError("unavailable", "not in the log yet")
      },
    }
  }

  close(): void {
    this.#close()
  }
}

function newWitness(): Witness {
  const { publicKey, privateKey } = nodeProvider.suite(0x004f).signatureKeyPair(nodeProvider.random)
  return { key: noteKey(serverCrypto, { name: "witness.example", type: noteKeyTypes.cosignature, publicKey }), privateKey }
}

/** The answer with a checkpoint that the log alone signed. */
function withoutWitness(response: Uint8Array): Uint8Array {
  const decoded = decodeSearchResponse(response)
  const { text, signatures } = parseNote(decoded.head.checkpoint)
  const checkpoint = formatNote({ text, signatures: signatures.filter(({ name }) => name !== "witness.example") })
  return encodeSearchResponse({ ...decoded, head: { ...decoded.head, checkpoint } })
}
