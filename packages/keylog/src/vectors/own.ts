// The project's own vectors: entries of the form {kt: KIND, name, input…, expect} or, for the negative twin, {…, refused: CODE}.

import { CodecError, bytes, decodeTls, fromHex, toHex, toUtf8 } from "@nodoor/bytes"
import { verifyAccountChain } from "../account/account-chain.ts"
import { binaryLadder, watchSet } from "../search/binary-ladder.ts"
import { verifyCanary } from "../canary.ts"
import { verifyCheckpoint } from "../checkpoint/checkpoint.ts"
import { verifyCommitment, vrfInput } from "../map/commitment.ts"
import { findCosignature } from "../checkpoint/cosignature.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { verifyEvidence } from "../audit/evidence.ts"
import { verifyHandleBinding } from "../account/handle-binding.ts"
import { pinLog } from "../checkpoint/head.ts"
import { KeylogError } from "../core/keylog-error.ts"
import { parseLogEntry } from "../tree/log-entry.ts"
import { readPrefixProof, verifyPrefixProof } from "../map/prefix-proof.ts"
import { safetyNumber } from "../compare/safety-number.ts"
import { decodeSearchRequest } from "../search/search.ts"
import { verifySearch } from "../search/search-verify.ts"
import { parseNote, parseVerifierKey } from "../checkpoint/signed-note.ts"
import { verifyConsistency, verifyInclusion } from "../tree/tree-hash.ts"
import { verifyVrf } from "../map/vrf.ts"
import { type Entry, type Json, expect, hex, number, object, text, texts } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

/** What a kind computes from an entry, to be compared with `expect`, field by field. */
type Run = (entry: Entry, crypto: LogCrypto) => Readonly<Record<string, Json>>

const kinds: Readonly<Record<string, Run>> = {
  "account-chain": (entry, crypto) => {
    const accountId = bytes<"AccountId">(hex(entry, "account_id"))
    const states = texts(entry, "states").map(fromHex)
    const chain = verifyAccountChain(crypto, { previous: undefined, states, origin: text(entry, "origin"), accountId })
    return { kinds: chain.map(({ kind }) => kind), state_hashes: chain.map(({ stateHash }) => toHex(stateHash)) }
  },
  "handle-binding": (entry, crypto) => {
    const accountId = bytes<"AccountId">(hex(entry, "account_id"))
    const origin = text(entry, "origin")
    const states = verifyAccountChain(crypto, { previous: undefined, states: texts(entry, "states").map(fromHex), origin, accountId })
    const binding = verifyHandleBinding(crypto, { binding: hex(entry, "binding"), origin, handle: text(entry, "handle"), states })
    return { genesis_hash: toHex(binding.genesisHash) }
  },
  "safety-number": (entry, crypto) => {
    const identity = (key: string): Parameters<typeof safetyNumber>[1] => {
      const one = object(entry, key)
      const ids = {
        accountId: bytes<"AccountId">(hex(one, "account_id")),
        genesisHash: bytes<"AccountStateHash">(hex(one, "genesis_hash")),
      }
      return { origin: text(one, "origin"), resetCount: number(one, "reset_count"), ...ids }
    }
    return { digits: safetyNumber(crypto, identity("mine"), identity("theirs")) }
  },
  vrf: (entry) => ({
    output: toHex(
      verifyVrf({
        publicKey: hex(entry, "public_key"),
        alpha: vrfInput(hex(entry, "label"), number(entry, "version")),
        proof: hex(entry, "proof"),
      }),
    ),
  }),
  commitment: (entry, crypto) => {
    const content = {
      opening: hex(entry, "opening"),
      label: hex(entry, "label"),
      version: number(entry, "version"),
      value: hex(entry, "value"),
    }
    verifyCommitment(crypto, { ...content, commitment: hex(entry, "commitment") })
    return {}
  },
  ladder: (entry) => {
    const greatest = number(entry, "greatest")
    return { versions: binaryLadder(greatest).map(({ version }) => version), watch: watchSet(greatest) }
  },
  "prefix-proof": (entry, crypto) => {
    const proof = decodeTls(hex(entry, "proof"), readPrefixProof)
    const found = verifyPrefixProof(crypto, { root: hex(entry, "root"), indices: texts(entry, "indices").map(fromHex), proof })
    return { commitments: found.map((one) => (one === undefined ? null : toHex(one))) }
  },
  entry: (entry) => ({ kind: parseLogEntry(toUtf8(text(entry, "text"))).kind }),
  checkpoint: (entry, crypto) => {
    const key = parseVerifierKey(crypto, text(entry, "vkey"))
    const { size, root } = verifyCheckpoint(crypto, { note: toUtf8(text(entry, "note")), key })
    return { size, root: toHex(root) }
  },
  cosignature: (entry, crypto) => {
    const key = parseVerifierKey(crypto, text(entry, "vkey"))
    const found = findCosignature(crypto, { note: parseNote(toUtf8(text(entry, "note"))), key })
    return { time: found?.timeSeconds ?? null }
  },
  inclusion: (entry, crypto) => {
    const head = { size: number(entry, "size"), root: hex(entry, "root") }
    verifyInclusion(crypto, { index: number(entry, "index"), leaf: hex(entry, "leaf"), head, proof: texts(entry, "proof").map(fromHex) })
    return {}
  },
  consistency: (entry, crypto) => {
    const head = (key: string): { size: number; root: Uint8Array } => {
      const one = object(entry, key)
      return { size: number(one, "size"), root: hex(one, "root") }
    }
    verifyConsistency(crypto, { older: head("older"), newer: head("newer"), proof: texts(entry, "proof").map(fromHex) })
    return {}
  },
  search: (entry, crypto) => {
    const verified = verifySearch(crypto, {
      pin: pinLog(crypto, toUtf8(text(entry, "config"))),
      stored: undefined,
      request: decodeSearchRequest(hex(entry, "request")),
      response: hex(entry, "response"),
      known: new Map(),
      indices: { get: () => undefined },
      nowMs: number(entry, "now_ms"),
    })
    return { size: verified.head.size, statuses: verified.lookups.map(({ status }) => status) }
  },
  canary: (entry, crypto) => {
    const { hash, issued, expires } = verifyCanary(crypto, toUtf8(text(entry, "file")))
    return { hash, issued, expires }
  },
  evidence: (entry, crypto) => ({ proves: verifyEvidence(crypto, toUtf8(text(entry, "file"))).proves }),
}

export const own: VectorFormat = {
  name: "nodoor",
  recognises: (entry) => typeof entry["kt"] === "string" && entry["kt"] in kinds,
  checks: (entry, crypto) => [{ name: text(entry, "name"), run: () => runOwn(entry, crypto) }],
}

/** What the entry's kind computes; for the generator. @throws KeylogError or CodecError where the entry must be refused */
export function computeOwn(entry: Entry, crypto: LogCrypto): Readonly<Record<string, Json>> {
  const run = kinds[text(entry, "kt")]
  expect(run !== undefined, "unknown kind")
  return run(entry, crypto)
}

function runOwn(entry: Entry, crypto: LogCrypto): void {
  let code: string | undefined
  let computed: Readonly<Record<string, Json>> = {}
  try {
    computed = computeOwn(entry, crypto)
  } catch (error) {
    if (error instanceof KeylogError) code = error.code
    else if (error instanceof CodecError) code = "malformed"
    else throw error
  }
  if ("refused" in entry) {
    expect(code === text(entry, "refused"), `${code ?? "accepted"} instead of ${text(entry, "refused")}`)
    return
  }
  expect(code === undefined, `refused with ${code}`)
  for (const [key, value] of Object.entries(object(entry, "expect"))) {
    expect(JSON.stringify(computed[key]) === JSON.stringify(value), `${key} differs`)
  }
}
