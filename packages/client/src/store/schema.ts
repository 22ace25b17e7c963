// What a device keeps: one SQLite database, encrypted by the program that opens it. Ids are raw bytes; times are Unix milliseconds.

import type { Database, Statement } from "../core/ports.ts"
import { ClientError } from "../core/client-error.ts"
import { storeTexts } from "../texts/en.ts"
import { spareTables, tokenTables } from "./sending-tables.ts"

/** Version i is what the first i entries make. Entries are never changed once released, only added. */
const migrations: readonly (readonly string[])[] = [
  [
    // This device and its account. One row.
    `CREATE TABLE device (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      status TEXT NOT NULL,             -- 'registering' until the server has taken the registration, then 'active'; 'ended' when the account was deleted
      server_url TEXT NOT NULL,
      server_info TEXT NOT NULL,        -- JSON of wire's ServerInfo as last seen
      origin TEXT NOT NULL,
      account_id BLOB NOT NULL,
      device_id BLOB NOT NULL,
      device_class TEXT NOT NULL,
      handle TEXT NOT NULL,
      name TEXT NOT NULL,               -- what contacts see
      registration BLOB,                -- the register request until it succeeded
      signature_key BLOB NOT NULL,
      signature_seed BLOB NOT NULL,     -- Ed25519 seed; never leaves the device; empty when the account was deleted
      cursor INTEGER NOT NULL           -- last mailbox record that is safe here
    )`,
    // Verified account states, own and others', every version seen.
    `CREATE TABLE account_state (
      account_id BLOB NOT NULL,
      version INTEGER NOT NULL,
      state BLOB NOT NULL,              -- encodeVerifiedAccountState
      PRIMARY KEY (account_id, version)
    ) WITHOUT ROWID`,
    `CREATE TABLE contact (
      account_id BLOB PRIMARY KEY,
      handle TEXT NOT NULL,
      name TEXT NOT NULL,               -- from the contact's encrypted profile; '' until it arrived
      accepted INTEGER NOT NULL,        -- we wrote to them or accepted them: receipts and profile may go back
      blocked INTEGER NOT NULL,
      first_resets INTEGER NOT NULL,    -- reset_count when first seen or last acknowledged
      verified_ms INTEGER,
      verified_resets INTEGER,
      change_ms INTEGER,
      change_kind TEXT,                 -- 'reset' or 'changed'
      checked_ms INTEGER NOT NULL       -- when the server was last asked for newer states
    ) WITHOUT ROWID`,
    // What a person sees as one chat; a dm may span two groups that were opened at the same time.
    `CREATE TABLE chat (
      chat_id BLOB PRIMARY KEY,
      kind TEXT NOT NULL,
      state TEXT NOT NULL,              -- active, request, left, halted
      group_id BLOB NOT NULL,           -- where new messages go
      peer BLOB,                        -- the other account of a dm
      hidden INTEGER NOT NULL,          -- removed from the list until something new happens
      activity_ms INTEGER NOT NULL,
      read_position INTEGER NOT NULL,
      muted INTEGER NOT NULL,
      pinned INTEGER NOT NULL,
      archived INTEGER NOT NULL,
      draft TEXT NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX chat_peer ON chat (peer)`,
    // One MLS group. Its state is in mls_record.
    `CREATE TABLE mls_group (
      group_id BLOB PRIMARY KEY,
      chat_id BLOB NOT NULL,
      status TEXT NOT NULL,             -- active, leaving, left, halted
      epoch INTEGER NOT NULL,
      policy BLOB NOT NULL,             -- the policy extension of this epoch
      last_order INTEGER NOT NULL,      -- newest order taken in
      joined_order INTEGER NOT NULL,    -- order of the commit that let us in; 0 for the creator
      joined_epoch INTEGER NOT NULL,
      proposals INTEGER NOT NULL,       -- proposals of this epoch that nobody committed yet
      profile_due INTEGER NOT NULL      -- somebody in the group has not had our profile: 1 before our next message, 2 now
    ) WITHOUT ROWID`,
    `CREATE TABLE mls_record (group_id BLOB NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (group_id, key)) WITHOUT ROWID`,
    `CREATE TABLE member (group_id BLOB NOT NULL, leaf_index INTEGER NOT NULL, account_id BLOB NOT NULL, device_id BLOB NOT NULL, PRIMARY KEY (group_id, leaf_index)) WITHOUT ROWID`,
    `CREATE TABLE key_package (
      ref BLOB PRIMARY KEY,
      secret BLOB NOT NULL,             -- erased when a Welcome used it, except for the last resort
      hash BLOB NOT NULL,               -- SHA-256 of the KeyPackage as uploaded
      last_resort INTEGER NOT NULL,
      message BLOB,                     -- the KeyPackage until the server has taken it
      serial INTEGER NOT NULL,          -- order of upload
      created_ms INTEGER NOT NULL
    ) WITHOUT ROWID`,
    // The group's one history: a hash per order, so that members can compare.
    `CREATE TABLE history (group_id BLOB NOT NULL, ord INTEGER NOT NULL, body_hash BLOB NOT NULL, chain BLOB, PRIMARY KEY (group_id, ord)) WITHOUT ROWID`,
    // What members said they had seen beyond what has arrived here.
    `CREATE TABLE history_claim (group_id BLOB NOT NULL, ord INTEGER NOT NULL, chain BLOB NOT NULL, account_id BLOB NOT NULL, PRIMARY KEY (group_id, ord, account_id)) WITHOUT ROWID`,
    `CREATE TABLE message (
      row INTEGER PRIMARY KEY,
      chat_id BLOB NOT NULL,
      group_id BLOB NOT NULL,
      message_id BLOB NOT NULL,
      position INTEGER NOT NULL,        -- place on the screen; queued ones come after all others
      ord INTEGER,                      -- order in the group
      time_ms INTEGER NOT NULL,         -- server's clock; our own while queued
      account_id BLOB NOT NULL,
      kind TEXT NOT NULL,               -- text, deleted, unsupported, waiting, event
      text TEXT NOT NULL,               -- markdown, content type, reason or JSON of the event
      in_reply_to BLOB,
      edited_ms INTEGER,
      outgoing TEXT,                    -- own messages: queued, sent, failed
      failure TEXT,                     -- JSON of code and message
      body BLOB,                        -- of a waiting message: the ciphertext
      UNIQUE (chat_id, message_id)
    )`,
    `CREATE INDEX message_position ON message (chat_id, position)`,
    `CREATE VIRTUAL TABLE message_search USING fts5(text, tokenize = 'trigram')`,
    `CREATE TABLE reaction (
      chat_id BLOB NOT NULL,
      target_id BLOB NOT NULL,
      account_id BLOB NOT NULL,
      emoji TEXT NOT NULL,
      message_id BLOB NOT NULL,         -- of the message that carried it, to take it back
      PRIMARY KEY (chat_id, target_id, account_id, emoji)
    ) WITHOUT ROWID`,
    `CREATE INDEX reaction_message ON reaction (chat_id, message_id)`,
    // What others report about own messages: 1 delivered, 2 read.
    `CREATE TABLE receipt (chat_id BLOB NOT NULL, message_id BLOB NOT NULL, account_id BLOB NOT NULL, status INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (chat_id, message_id, account_id)) WITHOUT ROWID`,
    // What is still to be reported to others.
    `CREATE TABLE receipt_due (group_id BLOB NOT NULL, message_id BLOB NOT NULL, status INTEGER NOT NULL, PRIMARY KEY (group_id, message_id)) WITHOUT ROWID`,
    // What is to be sent, per group first in, first out.
    `CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      group_id BLOB NOT NULL,
      kind TEXT NOT NULL,               -- create, commit, proposal, content
      payload BLOB NOT NULL,            -- an intent, or MIMI content
      message_id BLOB,                  -- the shown message it is, if any
      status TEXT NOT NULL,             -- queued, prepared (request is fixed), placed (the server answered; own copy outstanding), failed (a message to try again)
      epoch INTEGER,
      body_hash BLOB,
      request BLOB,                     -- exactly what is or was posted, so that a resend is the same
      rank INTEGER NOT NULL,            -- lower ones go first within a group
      attempts INTEGER NOT NULL
    )`,
    `CREATE INDEX outbox_group ON outbox (group_id, rank, id)`,
    // Every body this device may have posted and not seen come back: own copies cannot be decrypted, only recognised.
    `CREATE TABLE own_body (
      group_id BLOB NOT NULL,
      body_hash BLOB NOT NULL,
      outbox_id INTEGER NOT NULL,
      message_id BLOB,                  -- the shown message it is, if any
      epoch INTEGER NOT NULL,
      staged BLOB,                      -- of a commit: encodeStaged
      PRIMARY KEY (group_id, body_hash)
    ) WITHOUT ROWID`,
    // Mailbox records that are safe here and not yet taken in, in the mailbox's order.
    `CREATE TABLE inbox (seq INTEGER PRIMARY KEY, group_id BLOB NOT NULL, record BLOB NOT NULL)`,
    `CREATE TABLE alarm (
      id BLOB PRIMARY KEY,
      level TEXT NOT NULL,
      code TEXT NOT NULL,
      chat_id BLOB,
      account_id BLOB,
      text TEXT NOT NULL,
      at_ms INTEGER NOT NULL
    ) WITHOUT ROWID`,
  ],
  [
    `ALTER TABLE alarm ADD COLUMN device_id BLOB`,
    `ALTER TABLE alarm ADD COLUMN evidence BLOB`, // what proves or records it, as exported
    `ALTER TABLE alarm ADD COLUMN acknowledged_ms INTEGER`,
    // The transparency log that is pinned, and the last head that passed every check. One row.
    `CREATE TABLE key_log (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      config BLOB NOT NULL,             -- the log's first entry
      head BLOB NOT NULL,               -- encodeHeadState
      witnesses TEXT NOT NULL,          -- JSON: names of the witnesses whose statements counted
      auditors TEXT NOT NULL,
      tier TEXT NOT NULL,               -- 'solo' or 'witnessed'
      checked_ms INTEGER NOT NULL       -- when the log last answered with something that passed
    )`,
    // Heads that are proven ancestors of the present one, with the notes that were seen.
    `CREATE TABLE log_head (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB)`,
    // Where versions of labels stand in the map; proven once, true for ever.
    `CREATE TABLE log_index (label BLOB NOT NULL, version INTEGER NOT NULL, map_index BLOB NOT NULL, PRIMARY KEY (label, version)) WITHOUT ROWID`,
    `CREATE TABLE log_handle (handle TEXT PRIMARY KEY, version INTEGER NOT NULL, binding BLOB NOT NULL, account_id BLOB NOT NULL) WITHOUT ROWID`,
    // How the log last showed an account. Only accounts that were seen in the log have a row.
    `CREATE TABLE account_check (
      account_id BLOB PRIMARY KEY,
      checked_ms INTEGER NOT NULL,
      size INTEGER NOT NULL,
      reset_version INTEGER,            -- of the hard reset whose devices are or were held
      held_until_ms INTEGER,
      held_exact INTEGER NOT NULL       -- the log proved since when; otherwise counted from when it was first seen
    ) WITHOUT ROWID`,
    // The last look at an account that gave no result or a wrong one.
    `CREATE TABLE account_failure (account_id BLOB PRIMARY KEY, status TEXT NOT NULL, code TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID`,
    // Accounts about which something was checked and wrong: nothing is sent to groups that hold them.
    `CREATE TABLE distrust (account_id BLOB PRIMARY KEY, code TEXT NOT NULL, alarm_id BLOB NOT NULL) WITHOUT ROWID`,
    // Nothing at all is sent while there is a row.
    `CREATE TABLE sending_stop (id INTEGER PRIMARY KEY CHECK (id = 1), code TEXT NOT NULL, alarm_id BLOB NOT NULL)`,
    // Versions of the own account that the log holds and this device did not make.
    `CREATE TABLE own_unknown (version INTEGER PRIMARY KEY, state BLOB NOT NULL)`,
    // Heads that others said they believe, not proven to be ancestors of ours yet.
    `CREATE TABLE gossip (size INTEGER NOT NULL, root BLOB NOT NULL, account_id BLOB NOT NULL, heard_ms INTEGER NOT NULL, PRIMARY KEY (size, root)) WITHOUT ROWID`,
  ],
  [
    // What the operator told about requests of authorities.
    `CREATE TABLE operator_notice (
      id BLOB PRIMARY KEY,              -- the first 16 bytes of its SHA-256
      notice BLOB NOT NULL,             -- operator-notice of docs/wire.cddl
      arrived_ms INTEGER NOT NULL,
      acknowledged_ms INTEGER           -- when the person read it
    ) WITHOUT ROWID`,
  ],
  [
    // The version that ends the own account, signed here: stored before it is sent, so that it is the same one that is sent again. One row.
    `CREATE TABLE account_end (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL)`,
  ],
  [
    // The server's canary. One row, not there until the first look.
    `CREATE TABLE canary (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      held BLOB,                        -- the file that is known: first seen, a renewal of it, or accepted by the person
      latest BLOB,                      -- the newest one that holds, if it is more than a renewal
      changes TEXT NOT NULL,            -- JSON: what differs from the known one
      checked_ms INTEGER,               -- the last look that got an answer
      failed_ms INTEGER,                -- a later one that got none
      read_what TEXT,                   -- names what the person has read of a change or an end
      read_ms INTEGER
    )`,
  ],
  [
    // Accounts of others that the log shows as ended without what vouches for it. They never live again.
    `CREATE TABLE account_ended (account_id BLOB PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`,
  ],
  [
    // This store is an older copy of the device's. One row, while it is so.
    `CREATE TABLE older_copy (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      proof TEXT NOT NULL               -- 'server': it said so when it was last asked; 'signature': for good
    )`,
    // Written and emptied to find out whether a store that failed works again.
    `CREATE TABLE store_probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL)`,
    // Of an own message: the id under which it was handed in, once however often that was.
    `ALTER TABLE message ADD COLUMN send_id BLOB`,
    `CREATE UNIQUE INDEX message_send_id ON message (send_id) WHERE send_id IS NOT NULL`,
  ],
  [
    // Who is to go from a group goes first: intents "remove" and "revoke" as they are encoded.
    `UPDATE outbox SET rank = -1 WHERE kind = 'commit' AND (hex(payload) LIKE 'A264747970656672656D6F7665%' OR hex(payload) LIKE 'A26474797065667265766F6B65%')`,
  ],
  [
    // A contact's handle is what the log proved, not what the server once said: log_handle alone holds it. An account has one.
    `DELETE FROM log_handle WHERE EXISTS (SELECT 1 FROM log_handle o WHERE o.account_id = log_handle.account_id AND o.handle < log_handle.handle)`,
    `CREATE UNIQUE INDEX log_handle_account ON log_handle (account_id)`,
    `ALTER TABLE contact DROP COLUMN handle`,
    // Six bytes of the hash of the account's first state, in hexadecimal: what tells accounts apart that have no proven handle.
    `ALTER TABLE contact ADD COLUMN mark TEXT NOT NULL DEFAULT ''`,
    // The name as it is compared with others'; '' until it arrived, NULL until it was worked out.
    `ALTER TABLE contact ADD COLUMN alike TEXT`,
    `CREATE INDEX contact_alike ON contact (alike)`,
  ],
  [
    // Checkpoints that the log signed and others passed on, not proven to be ancestors of ours yet: the largest of each device.
    `DROP TABLE gossip`,
    `CREATE TABLE gossip (
      device_id BLOB PRIMARY KEY,
      size INTEGER NOT NULL,
      root BLOB NOT NULL,
      note BLOB NOT NULL,
      heard_ms INTEGER NOT NULL         -- since when something of this device waits
    ) WITHOUT ROWID`,
    // Which head a group was told of last.
    `CREATE TABLE gossip_sent (group_id BLOB PRIMARY KEY, size INTEGER NOT NULL, sent_ms INTEGER NOT NULL) WITHOUT ROWID`,
    // Gossip that was thrown away: not signed by the log, or more than its sender may have checked. One row.
    `CREATE TABLE gossip_dropped (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL)`,
    // Who told a joiner the chain of a group's history that its own began with.
    `CREATE TABLE history_teller (group_id BLOB PRIMARY KEY, account_id BLOB NOT NULL) WITHOUT ROWID`,
    // One row for each alarm, so that one that is dealt with does not lift what another one stopped.
    `ALTER TABLE distrust RENAME TO distrust_before`,
    `CREATE TABLE distrust (account_id BLOB NOT NULL, code TEXT NOT NULL, alarm_id BLOB NOT NULL, PRIMARY KEY (account_id, alarm_id)) WITHOUT ROWID`,
    `INSERT INTO distrust SELECT account_id, code, alarm_id FROM distrust_before`,
    `DROP TABLE distrust_before`,
    `ALTER TABLE sending_stop RENAME TO sending_stop_before`,
    `CREATE TABLE sending_stop (alarm_id BLOB PRIMARY KEY, code TEXT NOT NULL) WITHOUT ROWID`,
    `INSERT INTO sending_stop SELECT alarm_id, code FROM sending_stop_before`,
    `DROP TABLE sending_stop_before`,
  ],
  [
    // The key that vouches for starting the account over (docs/transparency.md, "reset"): an Ed25519 seed, which leaves the device in its
    // owner's export only. NULL: the account is from before such keys, and the device gives it one.
    `ALTER TABLE device ADD COLUMN recovery_seed BLOB`,
    // The version of the own account that adds it, signed here, until the log shows it: then it is known as this device's own.
    `ALTER TABLE device ADD COLUMN recovery_update BLOB`,
  ],
  [
    // Who was in a group when, by account: from the first epoch they can read until the order of the commit that took them out.
    `CREATE TABLE membership (
      group_id BLOB NOT NULL,
      account_id BLOB NOT NULL,
      from_epoch INTEGER NOT NULL,      -- 0 for those who were there before this table
      until_order INTEGER,
      PRIMARY KEY (group_id, account_id, from_epoch)
    ) WITHOUT ROWID`,
    `INSERT INTO membership SELECT DISTINCT group_id, account_id, 0, NULL FROM member`,
    `ALTER TABLE message ADD COLUMN epoch INTEGER`, // of an own message: in which it was sealed
    `ALTER TABLE message ADD COLUMN sent_ms INTEGER`, // what its sender's clock said, as claimed
  ],
  [
    // Words as they are shown and compared (search.ts); those of older messages are put in by and by.
    `DROP TABLE message_search`,
    `CREATE VIRTUAL TABLE message_search USING fts5(text, tokenize = 'trigram')`,
    `INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1)`, // nothing of a deleted message stays in the index
    `CREATE TABLE search_due (row INTEGER PRIMARY KEY)`,
    `INSERT INTO search_due SELECT row FROM message WHERE kind = 'text'`,
  ],
  [
    // New keys of this device in a group.
    `ALTER TABLE mls_group ADD COLUMN path_ms INTEGER`, // when the last commit with a path of this device was taken in; none since it joined
    `ALTER TABLE mls_group ADD COLUMN path_messages INTEGER NOT NULL DEFAULT 0`, // what this device encrypted since
    `ALTER TABLE mls_group ADD COLUMN path_due_ms INTEGER`, // when it was first seen that the next is due by time
    `ALTER TABLE device ADD COLUMN late_keys_ms INTEGER`, // when keys of messages that never came were last erased
  ],
  [
    // Which messages quote one.
    `CREATE INDEX message_reply ON message (chat_id, in_reply_to) WHERE in_reply_to IS NOT NULL`,
  ],
  [
    // Of a dm: the other person has written in its group, which no other group replaces while it lives.
    `ALTER TABLE chat ADD COLUMN settled INTEGER NOT NULL DEFAULT 0`,
    `UPDATE chat SET settled = 1 WHERE kind = 'dm'`,
  ],
  [
    // How the log goes on. One row.
    `CREATE TABLE log_health (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      size INTEGER NOT NULL,            -- of the head that was looked at last
      looked_ms INTEGER NOT NULL,
      watched_ms INTEGER NOT NULL,      -- how long this size has been looked at, by this device's clock
      still_ms INTEGER                  -- since when the head has been too old in every look
    )`,
  ],
  [
    // The place of a chat's last activity among all, in the order in which this device learned of them.
    `ALTER TABLE chat ADD COLUMN activity_order INTEGER NOT NULL DEFAULT 0`,
    `UPDATE chat SET activity_order = (SELECT COUNT(*) FROM chat AS o WHERE o.activity_ms <= chat.activity_ms)`,
    `CREATE INDEX chat_activity ON chat (activity_order)`,
  ],
  [
    // Whether the server has still to be told that the contact is, or is no longer, blocked.
    `ALTER TABLE contact ADD COLUMN block_due INTEGER NOT NULL DEFAULT 0`,
    `UPDATE contact SET block_due = 1 WHERE blocked = 1`,
  ],
  [
    // What is to be done later (core/jobs.ts).
    `CREATE TABLE job (
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      due_ms INTEGER NOT NULL,
      delay_ms INTEGER NOT NULL,        -- how long it was to wait in all
      tries INTEGER NOT NULL,           -- runs in a row that failed
      PRIMARY KEY (kind, key)
    ) WITHOUT ROWID`,
  ],
  [
    // What a message consists of. A deleted message has no parts; message.kind is now content, deleted, waiting or event.
    `CREATE TABLE part (
      message_row INTEGER NOT NULL,     -- row of the message, which is also its row in message_search
      number INTEGER NOT NULL,          -- place within the message, from 0
      kind TEXT NOT NULL,               -- name of a content type: text, unsupported, waiting, event …
      text TEXT NOT NULL,               -- markdown, content type, reason or JSON of the event
      data BLOB,                        -- what other content types keep, as CBOR
      PRIMARY KEY (message_row, number)
    ) WITHOUT ROWID`,
    `INSERT INTO part (message_row, number, kind, text) SELECT row, 0, kind, text FROM message WHERE kind != 'deleted' ORDER BY row`,
    `UPDATE message SET kind = 'content' WHERE kind IN ('text', 'unsupported')`,
    `ALTER TABLE message DROP COLUMN text`,
    // The id that its sender gave a message: the salt of its content (docs/protocol.md, "Payload"). Unknown for messages of an older store,
    // but for own ones that were handed in with an id.
    `DROP INDEX message_send_id`,
    `CREATE INDEX message_send_id ON message (send_id) WHERE send_id IS NOT NULL`,
  ],
  [
    // A job now.
    `ALTER TABLE device DROP COLUMN late_keys_ms`,
  ],
  [
    // The list of chats counts what is unread, and finds the last message, without touching the messages.
    `DROP INDEX message_position`,
    `CREATE INDEX message_position ON message (chat_id, position, kind, account_id)`,
    `CREATE INDEX alarm_chat ON alarm (chat_id) WHERE chat_id IS NOT NULL`,
  ],
  [
    // The place of each leaf in its group's log.
    `CREATE TABLE seat (
      group_id BLOB NOT NULL,
      leaf_index INTEGER NOT NULL,
      seat BLOB NOT NULL,
      public_key BLOB NOT NULL,         -- Ed25519: signs the leaf's commits
      own INTEGER NOT NULL,             -- the leaf's device drew the key; until it did, who added it has the key too
      adder_account BLOB,               -- known of leaves that were added while this device was there
      adder_device BLOB,
      added_ms INTEGER,                 -- the hour
      PRIMARY KEY (group_id, leaf_index)
    ) WITHOUT ROWID`,
    // This device's seats.
    `CREATE TABLE own_seat (
      group_id BLOB PRIMARY KEY,
      seat BLOB NOT NULL,
      secret BLOB NOT NULL,             -- what the delivery service knows it by
      next_secret BLOB,                 -- drawn with the first path; the service learns of it when that commit is taken in
      n INTEGER NOT NULL                -- of the last re-keying that the service took
    ) WITHOUT ROWID`,
    // How devices learn that this one added them. Goes when it is sent, or when its commit lost.
    `CREATE TABLE introduction (
      id INTEGER PRIMARY KEY,
      group_id BLOB NOT NULL,
      commit_hash BLOB NOT NULL,        -- SHA-256 of the commit that adds the device
      account_id BLOB NOT NULL,
      device_id BLOB NOT NULL,
      address BLOB,                     -- of the account service
      via_group BLOB,                   -- or the group through which it goes
      sealed BLOB NOT NULL,
      due INTEGER NOT NULL              -- the commit was taken in
    )`,
    // Introductions that were opened and checked, until the group's log brings the commit. Goes when the group is joined or refused.
    `CREATE TABLE pending_join (
      group_id BLOB NOT NULL,
      seat BLOB NOT NULL,
      secret BLOB NOT NULL,             -- of the seat
      ref BLOB NOT NULL,                -- of the KeyPackage
      secrets BLOB NOT NULL,            -- EncryptedGroupSecrets
      adder_account BLOB NOT NULL,
      adder_device BLOB NOT NULL,
      arrived_ms INTEGER NOT NULL,
      PRIMARY KEY (group_id, seat)
    ) WITHOUT ROWID`,
    // How much was thrown away because it was nothing.
    `CREATE TABLE dropped (what TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID`,
  ],
  [
    // Whom its person has blocked is nobody's business but this device's.
    `ALTER TABLE contact DROP COLUMN block_due`,
  ],
  [
    // How far this device has come in the log of each group, at each of its seats there. Goes with the group.
    `CREATE TABLE reading (
      group_id BLOB NOT NULL,
      seat BLOB NOT NULL,
      after INTEGER NOT NULL DEFAULT 0, -- the newest order that is safe here, taken in or waiting
      gap_through INTEGER NOT NULL DEFAULT 0, -- the end of the last gap that the person was told of
      hour INTEGER NOT NULL DEFAULT 0,  -- of the newest record, Unix time / 3600 s
      acked_before INTEGER,             -- what was acknowledged when only this device knew the seat's secret; NULL until then
      PRIMARY KEY (group_id, seat)
    ) WITHOUT ROWID`,
    // Records that are safe here and not taken in yet. Each goes when it is taken in.
    `CREATE TABLE waiting_record (group_id BLOB NOT NULL, ord INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (group_id, ord)) WITHOUT ROWID`,
  ],
  tokenTables,
  spareTables,
]

export const storeVersion: number = migrations.length

/**
 * Brings the store to this version, each step in one transaction. `upTo`: to an older one, to see how stores of then fare.
 * @throws ClientError `store_newer`, and nothing is changed
 */
export async function migrate(database: Database, { upTo = storeVersion }: { readonly upTo?: number } = {}): Promise<void> {
  const rows = await database.read("PRAGMA user_version")
  const version = Number(rows[0]?.["user_version"] ?? 0)
  if (version > storeVersion) throw new ClientError("store_newer", storeTexts.newer)
  for (const [index, steps] of migrations.entries()) {
    if (index < version || index >= upTo) continue
    const statements: Statement[] = steps.map((sql) => ({ sql, values: [] }))
    await database.commit([...statements, { sql: `PRAGMA user_version = ${index + 1}`, values: [] }])
  }
}
