// How the keeper of a log answers a search: the shape that `verifySearch` asks for, out of its map and its stores.

import { assert } from "@nodoor/bytes"
import { binaryLadder, watchSet } from "./binary-ladder.ts"
import type { HeadProof } from "../checkpoint/head.ts"
import type { PrefixProof } from "../map/prefix-proof.ts"
import type { LabelAnswer, SearchLabel, SearchRequest, SearchResponse } from "./search.ts"
import { followedLabels } from "./search-verify.ts"

export interface LatestVersion {
  readonly version: number
  readonly committed: { readonly opening: Uint8Array; readonly value: Uint8Array } | undefined
  readonly states: readonly Uint8Array[] | undefined
}

/** What the keeper reads to answer. Synchronous and of one published epoch throughout. */
export interface SearchSource {
  /** The published map. */
  readonly map: { prove(indices: readonly Uint8Array[]): PrefixProof }
  /**
   * The greatest published version of a label, or undefined. `states`: those after `knownVersion` and before the greatest; undefined when
   * one of them was erased. `value` and `opening` undefined: that version itself was.
   */
  latest(label: SearchLabel): LatestVersion | undefined
  /** The VRF's proof and index (first 32 bytes of its output), from the cache if it has them. */
  vrf(label: Uint8Array, version: number): { readonly proof: Uint8Array; readonly index: Uint8Array }
}

/** The answer to a decoded request under the given head. */
export function answerSearch(input: {
  readonly request: SearchRequest
  readonly head: HeadProof
  readonly source: SearchSource
}): SearchResponse {
  const { request, head, source } = input
  const indices: Uint8Array[] = []
  const answers = request.labels.map((label) => answerLabel(source, label, indices))
  const followed = followedLabels(
    request.labels.map(({ label }) => label),
    answers,
  )
  for (const label of followed) answers.push(answerLabel(source, { label, knownVersion: undefined }, indices))
  return { head, prefix: source.map.prove(indices), answers }
}

/** The proofs of W(g) that an owner hands to an auditor, in the order of `watchSet(greatest)`. */
export function answerWatchSet(
  source: SearchSource,
  label: Uint8Array,
): { readonly greatest: number | undefined; readonly proofs: readonly Uint8Array[] } {
  const greatest = source.latest({ label, knownVersion: undefined })?.version
  return { greatest, proofs: watchSet(greatest).map((version) => source.vrf(label, version).proof) }
}

function answerLabel(source: SearchSource, label: SearchLabel, indices: Uint8Array[]): LabelAnswer {
  const latest = source.latest(label)
  const steps = binaryLadder(latest?.version).map(({ version }) => source.vrf(label.label, version))
  for (const { index } of steps) indices.push(index)
  const vrfProofs = steps.map(({ proof }) => proof)
  if (!latest) return { status: "absent", vrfProofs }
  const { version, committed, states } = latest
  assert(committed === undefined || committed.opening.length === 16, "an opening of 16 bytes")
  if (committed === undefined || states === undefined) return { status: "erased", version, tombstone: committed, vrfProofs }
  return { status: "present", version, ...committed, states, vrfProofs }
}
