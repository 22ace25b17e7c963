// Changes to a store as if a device had not been able to read something.

import type { Statement } from "@nodoor/client"

const asWaiting = "kind = 'waiting', message_id = randomblob(32), account_id = zeroblob(16), body = x'00', send_id = NULL, sent_ms = NULL"
const partOfLine =
  "INSERT INTO part (message_row, number, kind, text) SELECT row, 0, 'waiting', 'decryption' FROM message WHERE kind = 'waiting' AND NOT EXISTS (SELECT 1 FROM part WHERE message_row = row)"

/** A text that is there could not be read. */
export function unread(text: string): readonly Statement[] {
  const row = "(SELECT message_row FROM part WHERE kind = 'text' AND text = ?)"
  return [
    { sql: `DELETE FROM message_search WHERE rowid = ${row}`, values: [text] },
    { sql: `UPDATE message SET ${asWaiting} WHERE row = ${row}`, values: [text] },
    { sql: "DELETE FROM part WHERE kind = 'text' AND text = ?", values: [text] },
    { sql: partOfLine, values: [] },
  ]
}

/** Something that was no message could not be read: before everything else in the log. */
export const line: readonly Statement[] = [
  {
    sql: `INSERT INTO message (chat_id, group_id, message_id, position, ord, time_ms, account_id, kind, body, epoch)
      SELECT chat_id, group_id, randomblob(32), MIN(position) - 1, MIN(ord), MIN(time_ms), zeroblob(16), 'waiting', x'00', 1 FROM message`,
    values: [],
  },
  { sql: partOfLine, values: [] },
]
