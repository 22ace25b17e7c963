// VRF proofs, each made once: they are deterministic and take milliseconds.

import { type VrfPrivateKey, vrfInput, vrfOutput, vrfProve } from "@nodoor/keylog"
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

  /** From memory, from the file, or made now. `keep`: the label is one of ours, so the proof will be asked for again. */
  place(label: Uint8Array, version: number, { keep }: { readonly keep: boolean }): PlacedVersion {
    const input = vrfInput(label, version)
    const name = Buffer.from(input).toString("latin1")
    const known = this.#recent.get(name)
    if (known !== undefined) {
      this.#recent.delete(name)
      this.#recent.set(name, known)
      return known
    }
    const placed = this.#stored(label, version) ?? this.#make(label, version, input, name, keep)
    if (this.#recent.size >= cachedMax) this.#recent.delete(this.#recent.keys().next().value as string)
    this.#recent.set(name, placed)
    return placed
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

  #stored(label: Uint8Array, version: number): PlacedVersion | undefined {
    type Row = { vrf_proof: Uint8Array; map_index: Uint8Array }
    const row =
      this.#db.get<Row>("SELECT vrf_proof, map_index FROM versions WHERE label = ? AND version = ?", label, version) ??
      this.#db.get<Row>("SELECT vrf_proof, map_index FROM vrf_proofs WHERE label = ? AND version = ?", label, version)
    return row && { proof: row.vrf_proof, index: row.map_index }
  }

  #make(label: Uint8Array, version: number, input: Uint8Array, name: string, keep: boolean): PlacedVersion {
    const proof = vrfProve(this.#key, input)
    const placed = { proof, index: vrfOutput(proof).slice(0, 32) }
    if (keep && this.#unsaved.size < unsavedMax) this.#unsaved.set(name, { label: label.slice(), version, placed })
    return placed
  }
}
