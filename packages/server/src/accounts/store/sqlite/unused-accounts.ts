// Accounts that nobody uses any more. A clock alone erases nobody: disuse has to be seen on several days on which the server ran.

import { fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import type { OperationInput, OperationOutput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"
import { eraseByServer } from "./erasure.ts"
import { notedSetting, replaceSetting } from "./settings.ts"

/** The last day that was counted, and how many there were: "2026-11-23 17". */
const observedSetting = "observed_days"

export function eraseUnused(db: Database, input: OperationInput<"eraseUnused">): OperationOutput<"eraseUnused"> {
  const today = observeDay(db, input.today)
  const forgotten = db.run(
    `UPDATE accounts SET unused_since = NULL WHERE account_id IN
       (SELECT account_id FROM accounts WHERE unused_since IS NOT NULL AND (last_seen_day >= ? OR state <> 'active') LIMIT ?)`,
    input.noticeBefore,
    input.max,
  )
  const noticed = db.run(
    `UPDATE accounts SET unused_since = ? WHERE account_id IN
       (SELECT account_id FROM accounts WHERE state = 'active' AND last_seen_day < ? AND unused_since IS NULL LIMIT ?)`,
    today,
    input.noticeBefore,
    input.max,
  )
  const due = db.all<{ account_id: Uint8Array }>(
    `SELECT account_id FROM accounts WHERE state = 'active' AND last_seen_day < ? AND unused_since <= ? ORDER BY account_id LIMIT ?`,
    input.eraseBefore,
    today - input.noticedDays,
    input.max + input.present.length + 1,
  )
  const present = new Set(due.length === 0 ? [] : input.present.map(toHex))
  const absent = due.filter(({ account_id: id }) => !present.has(toHex(id)))
  const batch = absent.slice(0, input.max)
  const refused = batch.flatMap(({ account_id: id }) => eraseByServer(db, id))
  return { erased: batch.length, refused, more: forgotten === input.max || noticed === input.max || absent.length > batch.length }
}

/** The number of this day among those observed. A day before the last one is not counted; the next after it is. */
function observeDay(db: Database, day: string): number {
  const [last = "", count = "0"] = fromUtf8(notedSetting(db, { name: observedSetting }) ?? new Uint8Array()).split(" ")
  if (last === day) return Number(count)
  const observed = Number(count) + (day > last ? 1 : 0)
  replaceSetting(db, { name: observedSetting, value: toUtf8(`${day} ${observed}`) })
  return observed
}
