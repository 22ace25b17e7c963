// What a device keeps: one SQLite database, encrypted by the program that opens it. Ids are raw bytes; times are Unix milliseconds.

import type { Database, Statement } from "../core/ports.ts"
import { ClientError } from "../core/client-error.ts"
import { storeTexts } from "../texts/en.ts"
import { healingTables } from "./healing-tables.ts"
import { earlierTables } from "./earlier-tables.ts"
import { missedTables } from "./missed-tables.ts"
import { linkTables } from "./link-tables.ts"
import { mediaTables } from "./media-tables.ts"
import { recoveryTables } from "./recovery-tables.ts"
import { archiveTables } from "./archive-tables.ts"
import { sendingTables } from "./sending-tables.ts"
import { successorTables } from "./successor-tables.ts"
import { syncTables } from "./sync-tables.ts"

/**
 * Version `firstVersion` + i is what the first i + 1 entries make. Entries are never changed once released, only added. Stores of lower versions
 * are from before groups had seats: what they keep leads to no place in any log.
 */
const migrations: readonly (readonly string[])[] = [
  [
    // This device and its account. One row.
    `CREATE TABLE device (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      status TEXT NOT NULL,             -- 'registering' until the server has taken the registration, 'linking' until its account lists it, 'recovering' until the log shows its reset, then 'active'; 'ended' when the account was deleted
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
      recovery_seed BLOB,               -- vouches for starting the account over (docs/transparency.md, "reset"); leaves the device in its owner's export only
      recovery_update BLOB              -- the version of the own account that adds it, until the log shows it as this device's own
    )`,
    // Verified account states, own and others', every version seen.
    `CREATE TABLE account_state (
      account_id BLOB NOT NULL,
      version INTEGER NOT NULL,
      state BLOB NOT NULL,              -- encodeVerifiedAccountState
      PRIMARY KEY (account_id, version)
    ) WITHOUT ROWID`,
    // People this device knows.
    `CREATE TABLE contact (
      account_id BLOB PRIMARY KEY,
      name TEXT NOT NULL,               -- from the contact's encrypted profile; '' until it arrived
      accepted INTEGER NOT NULL,        -- we wrote to them or accepted them: receipts and profile may go back
      blocked INTEGER NOT NULL,
      first_resets INTEGER NOT NULL,    -- reset_count when first seen or last acknowledged
      verified_ms INTEGER,
      verified_resets INTEGER,
      change_ms INTEGER,
      change_kind TEXT,                 -- 'reset' or 'changed'
      checked_ms INTEGER NOT NULL,      -- when the server was last asked for newer states
      mark TEXT NOT NULL DEFAULT '',    -- six bytes of the hash of the account's first state, in hexadecimal: tells accounts without a proven handle apart
      alike TEXT                        -- the name as it is compared with others'; '' until it arrived, NULL until it was worked out
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
      muted INTEGER NOT NULL,           -- 0: not; 1: until it is turned off; else until this time
      pinned INTEGER NOT NULL,
      archived INTEGER NOT NULL,
      unread INTEGER NOT NULL DEFAULT 0, -- the person marked it as unread
      draft TEXT NOT NULL,
      settled INTEGER NOT NULL DEFAULT 0, -- of a dm: the other person has written in its group, which no other group replaces while it lives
      folder TEXT NOT NULL DEFAULT '',  -- of the list of chats; '' is none
      activity_order INTEGER NOT NULL DEFAULT 0 -- place of its last activity among all chats, in the order in which this device learned of them
    ) WITHOUT ROWID`,
    `CREATE INDEX chat_peer ON chat (peer)`,
    // One MLS group. Its state is in mls_record.
    `CREATE TABLE mls_group (
      group_id BLOB PRIMARY KEY,
      chat_id BLOB NOT NULL,
      status TEXT NOT NULL,             -- active, leaving, left, halted, succeeded (the chat goes on in another group)
      epoch INTEGER NOT NULL,
      policy BLOB NOT NULL,             -- the policy extension of this epoch
      last_order INTEGER NOT NULL,      -- newest order taken in
      joined_order INTEGER NOT NULL,    -- order of the commit that let us in; 0 for the creator
      joined_epoch INTEGER NOT NULL,
      proposals INTEGER NOT NULL,       -- proposals of this epoch that nobody committed yet
      profile_due INTEGER NOT NULL,     -- somebody in the group has not had our profile: 1 before our next message, 2 now
      path_ms INTEGER,                  -- when the last commit with a path of this device was taken in; none since it joined
      path_messages INTEGER NOT NULL DEFAULT 0, -- what this device encrypted since
      path_due_ms INTEGER,              -- when it was first seen that the next is due by time
      predecessors BLOB                 -- encodePredecessors: the groups that it goes on from; none for most
    ) WITHOUT ROWID`,
    // The state of each group, in the engine's records.
    `CREATE TABLE mls_record (group_id BLOB NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (group_id, key)) WITHOUT ROWID`,
    // The leaves of each group's tree.
    `CREATE TABLE member (group_id BLOB NOT NULL, leaf_index INTEGER NOT NULL, account_id BLOB NOT NULL, device_id BLOB NOT NULL, PRIMARY KEY (group_id, leaf_index)) WITHOUT ROWID`,
    // KeyPackages of this device with their secrets.
    `CREATE TABLE key_package (
      ref BLOB PRIMARY KEY,
      secret BLOB NOT NULL,             -- erased when a group was joined with it, except for the last resort
      hash BLOB NOT NULL,               -- SHA-256 of the KeyPackage as uploaded
      last_resort INTEGER NOT NULL,
      message BLOB,                     -- the KeyPackage until the server has taken it
      serial INTEGER NOT NULL,          -- order of upload
      created_ms INTEGER NOT NULL,
      spare_in BLOB                     -- the chat of two in which it was left, or the own device with which; the server never has it
    ) WITHOUT ROWID`,
    // The group's one history: a hash per order, so that members can compare.
    `CREATE TABLE history (group_id BLOB NOT NULL, ord INTEGER NOT NULL, body_hash BLOB NOT NULL, chain BLOB, PRIMARY KEY (group_id, ord)) WITHOUT ROWID`,
    // What members said they had seen beyond what has arrived here.
    `CREATE TABLE history_claim (group_id BLOB NOT NULL, ord INTEGER NOT NULL, chain BLOB NOT NULL, account_id BLOB NOT NULL, PRIMARY KEY (group_id, ord, account_id)) WITHOUT ROWID`,
    // One message, or a line about something that happened. `part` has what it consists of.
    `CREATE TABLE message (
      row INTEGER PRIMARY KEY,
      chat_id BLOB NOT NULL,
      group_id BLOB NOT NULL,
      message_id BLOB NOT NULL,
      position INTEGER NOT NULL,        -- place on the screen; queued ones come after all others
      ord INTEGER,                      -- order in the group
      time_ms INTEGER NOT NULL,         -- within the hour that the server says; our own clock while queued
      account_id BLOB NOT NULL,
      kind TEXT NOT NULL,               -- text, deleted, unsupported, waiting, event
      in_reply_to BLOB,
      edited_ms INTEGER,
      outgoing TEXT,                    -- own messages: queued, sent, failed
      failure TEXT,                     -- JSON of code and message
      body BLOB,                        -- of a waiting message: the ciphertext
      send_id BLOB,                     -- the id that its sender gave it: the salt of its content (docs/protocol.md, "Payload")
      epoch INTEGER,                    -- of an own message: in which it was sealed
      sent_ms INTEGER,                  -- what its sender's clock said, as claimed
      starred INTEGER NOT NULL DEFAULT 0, -- the person keeps it in their list of starred messages
      mentions TEXT,                    -- accounts that its text mentions, in hexadecimal with spaces between; none for most
      UNIQUE (chat_id, message_id)
    )`,
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
      kind TEXT NOT NULL,               -- create, rekey, commit, proposal, content
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
    // What the person must hear of, kept until the device is erased.
    `CREATE TABLE alarm (
      id BLOB PRIMARY KEY,
      level TEXT NOT NULL,
      code TEXT NOT NULL,
      chat_id BLOB,
      account_id BLOB,
      text TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      device_id BLOB,
      evidence BLOB,                    -- what proves or records it, as exported
      acknowledged_ms INTEGER
    ) WITHOUT ROWID`,
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
    // Handles that the log proved. An account has one.
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
    // Versions of the own account that the log holds and this device did not make.
    `CREATE TABLE own_unknown (version INTEGER PRIMARY KEY, state BLOB NOT NULL)`,
    // What the operator told about requests of authorities.
    `CREATE TABLE operator_notice (
      id BLOB PRIMARY KEY,              -- the first 16 bytes of its SHA-256
      notice BLOB NOT NULL,             -- operator-notice of docs/wire.cddl
      arrived_ms INTEGER NOT NULL,
      acknowledged_ms INTEGER           -- when the person read it
    ) WITHOUT ROWID`,
    // The version that ends the own account, signed here: stored before it is sent, so that it is the same one that is sent again. One row.
    `CREATE TABLE account_end (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL)`,
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
    // Accounts of others that the log shows as ended without what vouches for it. They never live again.
    `CREATE TABLE account_ended (account_id BLOB PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`,
    // Another copy of this device's store was let in again in its place. One row, for good.
    `CREATE TABLE older_copy (id INTEGER PRIMARY KEY CHECK (id = 1))`,
    // Written and emptied to find out whether a store that failed works again.
    `CREATE TABLE store_probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL)`,
    `CREATE UNIQUE INDEX log_handle_account ON log_handle (account_id)`,
    `CREATE INDEX contact_alike ON contact (alike)`,
    // Heads that others said they believe, not proven to be ancestors of ours yet.
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
    // Accounts about which something was checked and wrong: nothing is sent to groups that hold them. One row for each alarm, so that one that is
    // dealt with does not lift what another one stopped.
    `CREATE TABLE distrust (account_id BLOB NOT NULL, code TEXT NOT NULL, alarm_id BLOB NOT NULL, PRIMARY KEY (account_id, alarm_id)) WITHOUT ROWID`,
    // Nothing at all is sent while there is a row: one for each alarm.
    `CREATE TABLE sending_stop (alarm_id BLOB PRIMARY KEY, code TEXT NOT NULL) WITHOUT ROWID`,
    // Who was in a group when, by account: from the first epoch they can read until the order of the commit that took them out.
    `CREATE TABLE membership (
      group_id BLOB NOT NULL,
      account_id BLOB NOT NULL,
      from_epoch INTEGER NOT NULL,      -- when they came
      until_order INTEGER,
      PRIMARY KEY (group_id, account_id, from_epoch)
    ) WITHOUT ROWID`,
    // Words as they are shown and compared (search.ts). A deleted message leaves nothing in the index.
    `CREATE VIRTUAL TABLE message_search USING fts5(text, tokenize = 'trigram')`,
    `INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1)`,
    // Messages whose words are not in the index yet.
    `CREATE TABLE search_due (row INTEGER PRIMARY KEY)`,
    // Which messages quote one.
    `CREATE INDEX message_reply ON message (chat_id, in_reply_to) WHERE in_reply_to IS NOT NULL`,
    // How the log goes on. One row.
    `CREATE TABLE log_health (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      size INTEGER NOT NULL,            -- of the head that was looked at last
      looked_ms INTEGER NOT NULL,
      watched_ms INTEGER NOT NULL,      -- how long this size has been looked at, by this device's clock
      still_ms INTEGER                  -- since when the head has been too old in every look
    )`,
    `CREATE INDEX chat_activity ON chat (activity_order)`,
    // What is to be done later (core/jobs.ts).
    `CREATE TABLE job (
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      due_ms INTEGER NOT NULL,
      delay_ms INTEGER NOT NULL,        -- how long it was to wait in all
      tries INTEGER NOT NULL,           -- runs in a row that failed
      PRIMARY KEY (kind, key)
    ) WITHOUT ROWID`,
    // What a message consists of. A deleted message has no parts.
    `CREATE TABLE part (
      message_row INTEGER NOT NULL,     -- row of the message, which is also its row in message_search
      number INTEGER NOT NULL,          -- place within the message, from 0
      kind TEXT NOT NULL,               -- name of a content type: text, unsupported, waiting, event …
      text TEXT NOT NULL,               -- markdown, content type, reason or JSON of the event
      data BLOB,                        -- what other content types keep, as CBOR
      PRIMARY KEY (message_row, number)
    ) WITHOUT ROWID`,
    `CREATE INDEX message_send_id ON message (send_id) WHERE send_id IS NOT NULL`,
    // The list of chats counts what is unread, and finds the last message, without touching the messages.
    `CREATE INDEX message_position ON message (chat_id, position, kind, account_id)`,
    `CREATE INDEX alarm_chat ON alarm (chat_id) WHERE chat_id IS NOT NULL`,
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
      n INTEGER NOT NULL,               -- of the last re-keying that the service took
      other_secret BLOB                 -- the service may know it by this one instead: this store is an older copy, or comes from an archive
    ) WITHOUT ROWID`,
    // How devices learn that this one added them. Goes when the device has taken its seat, when its address is over, or when its commit lost: the
    // server keeps it in memory only, and forgets it when it is started anew.
    `CREATE TABLE introduction (
      id INTEGER PRIMARY KEY,
      group_id BLOB NOT NULL,
      commit_hash BLOB NOT NULL,        -- SHA-256 of the commit that adds the device
      account_id BLOB NOT NULL,
      device_id BLOB NOT NULL,
      seat BLOB NOT NULL,
      address BLOB,                     -- of the account service
      via_group BLOB,                   -- or the group through which it goes
      sealed BLOB NOT NULL,
      due INTEGER NOT NULL,             -- the commit was taken in
      sent INTEGER NOT NULL DEFAULT 0,  -- how often the account service took it
      next_ms INTEGER NOT NULL DEFAULT 0 -- by this device's clock: not to be sent again before
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
    ...sendingTables,
    ...successorTables,
    ...healingTables,
    ...missedTables,
    ...linkTables,
    ...recoveryTables,
    ...syncTables,
    ...earlierTables,
    ...archiveTables,
  ],
  mediaTables,
]

export const firstVersion = 103
export const storeVersion: number = firstVersion + migrations.length - 1

/**
 * Brings the store to this version, each step in one transaction. `upTo`: to an older one, to see how stores of then fare.
 * @throws ClientError `store_newer`, `store_older`, and nothing is changed
 */
export async function migrate(database: Database, { upTo = storeVersion }: { readonly upTo?: number } = {}): Promise<void> {
  const rows = await database.read("PRAGMA user_version")
  const version = Number(rows[0]?.["user_version"] ?? 0)
  if (version > storeVersion) throw new ClientError("store_newer", storeTexts.newer)
  if (version > 0 && version < firstVersion) throw new ClientError("store_older", storeTexts.older)
  for (const [index, steps] of migrations.entries()) {
    const next = firstVersion + index
    if (next <= version || next > upTo) continue
    const statements: Statement[] = steps.map((sql) => ({ sql, values: [] }))
    await database.commit([...statements, { sql: `PRAGMA user_version = ${next}`, values: [] }])
  }
}
