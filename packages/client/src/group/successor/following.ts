// Entering the group in which a broken one goes on: the chat moves there, and the person is told what there is to tell.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Clock } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import type { BrokenGroup } from "../../store/group/broken-groups.ts"
import { accountsOf } from "../../store/group/members.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { historyTexts } from "../../texts/en.ts"
import { calledInWords } from "../../trust/name/called.ts"
import { type MovingParts, endOnWord, moveToSuccessor } from "./moving.ts"
import type { Founding, SuccessorVerdict } from "./successor-check.ts"

export interface FollowingParts extends MovingParts {
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly clock: Clock
}

interface Entry {
  readonly following: Extract<SuccessorVerdict, { readonly status: "genuine" }>
  readonly opened: Pick<Founding, "leaves" | "signer" | "predecessors">
  readonly at: Parameters<typeof insertEvent>[2]
  /** Beginning of the hour in which the server placed the commit that let this device in. */
  readonly foundedMs: number
}

/** Who was there before and is not here was left out by who made the group, and everybody is told. */
export async function followSuccessor(parts: FollowingParts, tx: Transaction, { following, opened, at, foundedMs }: Entry): Promise<void> {
  const { group, broken, rank, vouched } = following
  if (vouched) await takeWord(parts, tx, { broken, opened, at })
  const breaker = toHex(opened.predecessors.at(-1)?.accountId ?? new Uint8Array())
  const present = new Set(opened.leaves.map((leaf) => toHex(leaf.accountId)))
  const gone = [...(await accountsOf(tx, group.groupId)).keys()].filter((account) => !present.has(account) && account !== breaker)
  await moveToSuccessor(parts, tx, { group, broken }, { groupId: at.groupId, foundedMs, rank })
  if (gone.length > 0)
    await insertEvent(tx, parts.crypto.sha256, at, { kind: "removed", by: toHex(opened.signer.accountId), accounts: gone })
}

async function takeWord(
  parts: FollowingParts,
  tx: Transaction,
  { broken, opened, at }: Pick<Entry, "opened" | "at"> & { readonly broken: BrokenGroup },
): Promise<void> {
  const { code } = broken
  const accountId = opened.predecessors.at(-1)?.accountId ?? new Uint8Array(16)
  await endOnWord(parts, tx, broken)
  const event = { kind: "refused_commit", by: toHex(accountId), code, goesOn: true } as const
  await insertEvent(tx, parts.crypto.sha256, { ...at, accountId }, event)
  const admin = await calledInWords(tx, opened.signer.accountId, historyTexts.anotherMember)
  const text = historyTexts.vouched(admin, await calledInWords(tx, accountId, historyTexts.anotherMember))
  const alarm = { level: "warn" as const, code: `commit_refused_${code}`, text, chatId: at.chatId, accountId, atMs: parts.clock.nowMs() }
  await raiseAlarmOnce(tx, parts.random, alarm)
}
