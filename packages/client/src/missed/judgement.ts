// Whether a message that somebody sends again is believed. A device of the own account is believed as an archive is; anybody else only about what
// they wrote themselves. Nobody changes what is here, or puts a message anywhere but where it was asked for.

import { equal, toHex } from "@nodoor/bytes"
import { contentTypes } from "../content/types.ts"
import { hourMs } from "../core/group-record.ts"
import type { MissedRefusal } from "../core/trace.ts"
import { writtenBetween } from "../core/written-time.ts"
import type { ArchivedMessage } from "../store/archive/archived-messages.ts"
import type { NewPart, PartRow } from "../store/chat/parts.ts"
import { type KnownPlace, type Missed } from "../store/missed/missed.ts"
import { isIn } from "../store/missed/ranges.ts"

export interface Judging {
  readonly missed: Pick<Missed, "groupId" | "ranges" | "fromMs" | "untilMs">
  /** Who sends it. */
  readonly accountId: Uint8Array
  readonly isOwn: boolean
  readonly ownAccountId: Uint8Array
  /** In the order of the log: what is here around the messages. */
  readonly known: readonly KnownPlace[]
  /** Ids of messages of the chat that are here, in hexadecimal. */
  readonly present: ReadonlySet<string>
}

export type Judged =
  | { readonly status: "new"; readonly message: ArchivedMessage }
  | { readonly status: "known" }
  | { readonly status: "refused"; readonly code: MissedRefusal }

/** Clocks, and hours of which a server that was started anew knows the day only. */
const slackMs = 86_400_000

export function judgeMessage(at: Judging, message: ArchivedMessage): Judged {
  const { missed, accountId, isOwn, ownAccountId, known, present } = at
  const { order } = message
  if (order === undefined || !equal(message.groupId, missed.groupId) || !isIn(missed.ranges, order)) return refused("not_asked")
  if (message.kind === "waiting") return refused("content")
  if (!isOwn && (message.kind === "event" || !equal(message.accountId, accountId))) return refused("wrong_author")
  const here = known.filter((place) => place.order === order)
  if (here.some(({ messageId }) => equal(messageId, message.messageId))) return { status: "known" }
  if (present.has(toHex(message.messageId))) return refused("id_taken")
  // One body is one message. Of a commit there may be several lines.
  if (message.kind !== "event" && here.some(({ kind }) => kind === "content" || kind === "deleted")) return refused("order_taken")
  const timeMs = believableMs(at, order, message.timeMs)
  if (timeMs === undefined) return refused("wrong_time")
  const parts = message.kind === "deleted" ? [] : isOwn ? message.parts : partsOf(message.parts)
  if (parts === undefined) return refused("content")
  const heard = isOwn ? {} : { reactions: [], receipts: [], epoch: undefined }
  return { status: "new", message: { ...message, ...heard, parts, timeMs, isSent: equal(message.accountId, ownAccountId) } }
}

/** What its sender says, within what this device knows of its place in the log; undefined if it is far from it. */
function believableMs({ known, missed }: Judging, order: number, claimedMs: number): number | undefined {
  const line = known.find((place) => place.order === order && place.kind === "waiting")
  const before = known.findLast((place) => place.order < order)?.timeMs ?? missed.fromMs
  const after = known.find((place) => place.order > order)?.timeMs ?? missed.untilMs
  const { fromMs, untilMs } = line
    ? writtenBetween(line.timeMs)
    : { fromMs: Math.min(before, after) - hourMs, untilMs: Math.max(before, after) + hourMs }
  if (claimedMs < fromMs - slackMs || claimedMs > untilMs + slackMs) return undefined
  return Math.min(Math.max(claimedMs, fromMs), untilMs)
}

/** Undefined unless each part is one that people write. */
function partsOf(parts: readonly PartRow[]): readonly PartRow[] | undefined {
  const out: PartRow[] = []
  for (const part of parts) {
    const again: NewPart | undefined = contentTypes.find(({ name }) => name === part.kind)?.again?.(part)
    if (!again) return undefined
    out.push({ ...again, data: again.data })
  }
  return out.length > 0 ? out : undefined
}

function refused(code: MissedRefusal): Judged {
  return { status: "refused", code }
}
