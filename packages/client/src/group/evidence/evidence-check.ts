// Whether a file that somebody shows proves to this device that a member broke a group. Everything is found again; the file's own words count
// for nothing.

import { CodecError, equal, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import { members } from "@nodoor/mls"
import { ClientError } from "../../core/client-error.ts"
import type { Hex } from "../../core/hex.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { findBroken } from "../../store/group/broken-groups.ts"
import { findGroup } from "../../store/group/groups.ts"
import { listSeats } from "../../store/group/seats.ts"
import { noticeTexts } from "../../texts/en.ts"
import { identify } from "../../trust/trust.ts"
import type { GroupStates } from "../group-states.ts"
import { type Accused, accusedOf, parseCommitEvidence } from "./commit-evidence.ts"
import { openCommit } from "./commit-fault.ts"

export type EvidenceCheck =
  /** `adderAccountId`: who added the device can use its place too, and may be who did it. */
  | {
      readonly status: "proven"
      readonly code: string
      readonly chatId: Hex
      readonly accountId: Hex
      readonly deviceId: Hex
      readonly adderAccountId?: Hex
    }
  | { readonly status: "unproven"; readonly chatId: Hex }
  /** Only a device that was in the group then, and still has the keys of that time, can tell. */
  | { readonly status: "not_checked" }

export interface EvidenceCheckParts {
  readonly states: Pick<GroupStates, "find" | "environment">
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly transactions: Pick<Transactions, "run">
}

/** @throws ClientError `invalid_input` for what is no such file */
export async function checkEvidence(parts: EvidenceCheckParts, text: string): Promise<EvidenceCheck> {
  const file = parsed(text)
  return await parts.transactions.run((tx) => check(parts, tx, file))
}

type File = ReturnType<typeof parseCommitEvidence>

async function check({ states, crypto }: EvidenceCheckParts, tx: Transaction, { groupId, details }: File): Promise<EvidenceCheck> {
  const group = await findGroup(tx, groupId)
  const state = group && (await states.find(tx, groupId))
  if (!state || Number(state.epoch) !== details.epoch) return { status: "not_checked" }
  const chatId = toHex(group.chatId)
  const seats = await listSeats(tx, groupId)
  const opened = openCommit(states.environment(), { state, seats }, details)
  const proven = (code: string, { accountId, deviceId, adder }: Accused): EvidenceCheck => ({
    status: "proven",
    code,
    chatId,
    accountId: toHex(accountId),
    deviceId: toHex(deviceId),
    ...(adder && { adderAccountId: toHex(adder.accountId) }),
  })
  const accused = accusedOf({ state, seats }, details.seat)
  if (opened.status === "ground" && accused) return proven(opened.code, accused)
  // What the key log contradicts, this device has found there by itself.
  const broken = await findBroken(tx, groupId)
  if (opened.status !== "opened" || !broken || !equal(broken.commitHash, crypto.sha256(details.commit)))
    return { status: "unproven", chatId }
  const member = members(state).find(({ leafIndex }) => leafIndex === broken.leafIndex)
  return member ? proven(broken.code, { ...identify(member), own: true, adder: undefined }) : { status: "unproven", chatId }
}

function parsed(text: string): File {
  try {
    return parseCommitEvidence(toUtf8(text))
  } catch (error) {
    if (error instanceof CodecError) throw new ClientError("invalid_input", noticeTexts.noCommitEvidence, { cause: error })
    throw error
  }
}
