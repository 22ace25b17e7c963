// The server dropped records of this mailbox. An alarm tells the person.

import type { Random } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { raiseAlarm } from "../store/trust/alarms.ts"
import { mailboxTexts } from "../texts/en.ts"

export function takeGap({ random, clock }: { readonly random: Random; readonly clock: Clock }, tx: Transaction): void {
  raiseAlarm(tx, random, { level: "warn", code: "mailbox_gap", text: mailboxTexts.gap, atMs: clock.nowMs() })
}
