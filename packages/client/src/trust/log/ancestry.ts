// Whether a head that somebody else was shown is an ancestor of this device's, as the log must be able to prove.

import {
  type HeadState,
  KeylogError,
  type KeylogErrorCode,
  accountLabel,
  decodeSearchResponse,
  encodeSearchRequest,
  isPowerOfTwo,
  parseCheckpoint,
  parseNote,
  rootInPath,
  verifyConsistency,
} from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { logSearch } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Session } from "../../core/session.ts"
import type { Transactions } from "../../core/transaction.ts"
import { type HeardHead, type StoredLog, saveAncestor } from "../../store/trust/key-log.ts"
import { logTexts } from "../../texts/en.ts"
import { asked, unavailable } from "./log-answer.ts"
import { searchRequest } from "./search-request.ts"

export type Ancestry =
  | { readonly status: "proven" | "ahead" }
  /** The log does not prove it. `path` shows that it cannot, if the server gave it (docs/transparency.md, "Evidence"). */
  | {
      readonly status: "forked"
      readonly code: KeylogErrorCode
      readonly head: HeadState
      readonly response: Uint8Array
      readonly path: readonly Uint8Array[] | undefined
    }

/** The size that an answer's proofs lead to, and the proofs. */
interface ShownHead {
  readonly size: number
  readonly consistency: readonly Uint8Array[]
  readonly inclusion: readonly Uint8Array[]
}

const proofTries = 3

export interface AncestryParts {
  readonly transactions: Transactions
  readonly session: Pick<Session, "asDevice">
  readonly crypto: CryptoProvider
  readonly own: Pick<OwnDevice, "accountId">
  /** The log as it is stored now. @throws ClientError `log_unavailable` while there is none */
  log(): StoredLog
  /** Looks for a newer head. */
  advance(): Promise<void>
}

/** `ahead`: this device's head is smaller. @throws as `KeyLog.search` */
export async function proveAncestry(parts: AncestryParts, heard: HeardHead): Promise<Ancestry> {
  const { crypto, transactions } = parts
  for (let tries = 0; tries < proofTries; tries++) {
    const { head } = parts.log()
    if (head.size < heard.size) return { status: "ahead" }
    const { response, shown } = await shownFrom(parts, heard.size)
    if (shown.size !== head.size) {
      await parts.advance()
      continue
    }
    try {
      verifyConsistency(crypto, { older: heard, newer: head, proof: shown.consistency })
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
      return { status: "forked", code: error.code, head, response, path: await contradiction(parts, heard, head, shown) }
    }
    await transactions.run(async (tx) => saveAncestor(tx, { note: undefined, ...heard }))
    return { status: "proven" }
  }
  throw new ClientError("log_unavailable", logTexts.movesTooFast)
}

async function shownFrom(
  { session, crypto, own, log }: AncestryParts,
  lastSize: number,
): Promise<{ readonly response: Uint8Array; readonly shown: ShownHead }> {
  const request = { ...searchRequest(crypto, log(), [accountLabel(own.accountId)], new Map()), lastSize }
  const { response } = await asked(() => session.asDevice(logSearch, { request: encodeSearchRequest(request) }))
  return { response, shown: shownHead(response) }
}

/** What shows that this device's tree begins otherwise than with the other head; undefined if the server does not give it. */
async function contradiction(
  parts: AncestryParts,
  heard: HeardHead,
  head: HeardHead,
  shown: ShownHead,
): Promise<readonly Uint8Array[] | undefined> {
  if (heard.size === head.size) return undefined
  if (!isPowerOfTwo(heard.size)) return shown.consistency
  const root = await rootAt(parts, heard.size, head, shown).catch(() => undefined)
  return root && [root, ...shown.consistency]
}

async function rootAt(parts: AncestryParts, size: number, head: HeardHead, shown: ShownHead): Promise<Uint8Array | undefined> {
  if (size + 1 === head.size) return shown.inclusion.at(-1)
  const next = (await shownFrom(parts, size + 1)).shown
  return next.size === head.size ? rootInPath({ size, newer: head.size, path: next.consistency }) : undefined
}

/** Of an answer whose proof is checked against this device's own head. @throws ClientError */
function shownHead(response: Uint8Array): ShownHead {
  try {
    const { head } = decodeSearchResponse(response)
    const { size } = parseCheckpoint(parseNote(head.checkpoint).text)
    return { size, consistency: head.consistency, inclusion: head.inclusion }
  } catch (error) {
    throw unavailable(logTexts.unreadable, error)
  }
}
