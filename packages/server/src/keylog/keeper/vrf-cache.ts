// VRF proofs, each made once: they are deterministic, and most of what a new account costs the log.

import { type VrfPrivateKey, vrfEvaluate, vrfInput } from "@nodoor/keylog"
import type { Database } from "../../sqlite/database.ts"

export interface PlacedVersion {
  /** 80 bytes. */
  readonly proof: Uint8Array
  /** Where the version stands in the map, 32 bytes. */
  readonly index: Uint8Array
}

/** About 25 MB. */
const cachedMax = 50_000
/** Proofs that wait to be stored. Further ones are computed again when needed. */
const unsavedMax = 4_096

export class VrfCache {
  readonly #db: Database
  readonly #key: VrfPrivateKey
  readonly #recent = new Map<string, PlacedVersion>()
  readonly #unsaved = new Map<string, { readonly label: Uint8Array; readonly version: number; readonly placed: PlacedVersion }>()

  constructor(db: Database, key: VrfPrivateKey) {
    this.#db = db
    this.#key = key
  }

  /** From memory, from the file, or made now. `keep`: the proof will be asked for again, and nothing else stores it. */
  place(label: Uint8Array, version: number, { keep }: { readonly keep: boolean }): PlacedVersion {
    const input = vrfInput(label, version)
    const name = nameOf(input)
    const known = this.#known(name, label, version)
    if (known !== undefined) return known
    const placed = evaluate(this.#key, input)
    if (keep && this.#unsaved.size < unsavedMax) this.#unsaved.set(name, { label: label.slice(), version, placed })
    this.#remember(name, placed)
    return placed
  }

  isPlaced(label: Uint8Array, version: number): boolean {
    return this.#known(nameOf(vrfInput(label, version)), label, version) !== undefined
  }

  /** What another thread made with the same key. */
  learn(input: Uint8Array, placed: PlacedVersion): void {
    this.#remember(nameOf(input), placed)
  }

  /** Stores what was made since; inside a transaction of the caller's. Call `saved` after its commit. */
  save(): void {
    for (const { label, version, placed } of this.#unsaved.values()) {
      this.#db.run(
        "INSERT OR IGNORE INTO vrf_proofs (label, version, map_index, vrf_proof) VALUES (?, ?, ?, ?)",
        label,
        version,
        placed.index,
        placed.proof,
      )
    }
  }

  saved(): void {
    this.#unsaved.clear()
  }

  #known(name: string, label: Uint8Array, version: number): PlacedVersion | undefined {
    const known = this.#recent.get(name) ?? this.#stored(label, version)
    if (known !== undefined) this.#remember(name, known)
    return known
  }

  #remember(name: string, placed: PlacedVersion): void {
    this.#recent.delete(name)
    if (this.#recent.size >= cachedMax) this.#recent.delete(this.#recent.keys().next().value as string)
    this.#recent.set(name, placed)
  }

  #stored(label: Uint8Array, version: number): PlacedVersion | undefined {
    type Row = { vrf_proof: Uint8Array; map_index: Uint8Array }
    const row =
      this.#db.get<Row>("SELECT vrf_proof, map_index FROM versions WHERE label = ? AND version = ?", label, version) ??
      this.#db.get<Row>("SELECT vrf_proof, map_index FROM vrf_proofs WHERE label = ? AND version = ?", label, version)
    return row && { proof: row.vrf_proof, index: row.map_index }
  }
}

export function evaluate(key: VrfPrivateKey, input: Uint8Array): PlacedVersion {
  const { proof, output } = vrfEvaluate(key, input)
  return { proof, index: output.slice(0, 32) }
}

function nameOf(input: Uint8Array): string {
  return Buffer.from(input.buffer, input.byteOffset, input.length).toString("latin1")
}
