// `delivery.db`, column by column. Nothing of it is in an export: nothing in it leads to an account.

import { type InventoryEntry, type Owner, type Row, entriesOf } from "./entry.ts"

const columns = (table: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] =>
  entriesOf(`delivery.db ${table}.`, whose, rows)

export const deliveryDatabase: readonly InventoryEntry[] = [
  ...columns("settings", "operator", {
    name: ["operational", "ever", "which setting: the key of passes, how far segment files were taken over, and the next rewriting"],
    value: ["operational", "ever", "its value; nothing of a group or a person"],
  }),
  ...columns("groups", "group", {
    group_id: ["routing", "group", "random name of a conversation"],
    epoch: ["routing", "group", "how often its keys changed"],
    delivery_key: ["routing", "epoch", "key that tells a member's message from a stranger's, and no member from another"],
    previous_key: ["routing", "epoch", "the one before, for messages under way"],
    last_order: ["routing", "group", "how many messages and changes there were"],
    last_hour: ["routing", "group", "which four weeks the newest came in"],
    create_hash: ["operational", "group", "recognises the same request sent again"],
  }),
  ...columns("seats", "group", {
    group_id: ["routing", "group", "in which conversation"],
    seat: ["routing", "group", "random name of a place in it, another in each conversation; whose it is stands nowhere"],
    public_key: ["routing", "group", "public key that changes of members are signed with"],
    read_hash: ["routing", "group", "hash of the secret with which messages are fetched there"],
    rekeyed: ["routing", "group", "how often the place changed its keys"],
    from_order: ["routing", "group", "the change that added it"],
    end_order: ["routing", "message_days", "the change that removed it"],
  }),
  ...columns("bodies", "group", {
    group_id: ["routing", "acknowledged", "in which conversation"],
    group_order: ["routing", "acknowledged", "its place"],
    day: ["routing", "acknowledged", "day on which it came"],
    hidden_hour: ["ciphertext", "acknowledged", "the hour of that day, under a key that is in memory only and ends with the process"],
    kind: ["routing", "acknowledged", "message or change of members"],
    size: ["routing", "acknowledged", "bytes"],
    body: ["ciphertext", "acknowledged", "end-to-end encrypted (RFC 9420), padded; its keys never reach this machine"],
    group_info: ["ciphertext", "acknowledged", "encrypted for the devices that a change adds"],
  }),
  ...columns("placed", "group", {
    group_id: ["routing", "two_days", "in which conversation"],
    first_order: ["routing", "two_days", "place of the first of these messages"],
    hour: ["routing", "two_days", "day, not the hour, of the last of them"],
    entries: ["routing", "two_days", "hashes of ciphertexts, so that the same one is not delivered twice"],
    fanout: ["routing", "two_days", "hash of the places that a change left, for members to check"],
  }),
  ...columns("blobs", "blob", {
    id_hash: ["routing", "blob", "hash of the random id that a backup or the like is read by; whose it is stands nowhere"],
    secret_hash: ["routing", "blob", "hash of the random secret that it is changed with"],
    file: ["routing", "blob", "random name of its file"],
    size: ["routing", "blob", "bytes, rounded up by the device"],
    until_day: ["routing", "blob", "the day after which it is erased"],
  }),
  ...columns("uploads", "blob", {
    id_hash: ["routing", "upload", "the same of what is not whole yet"],
    secret_hash: ["routing", "upload", "hash of the random secret that it goes on with"],
    file: ["routing", "upload", "random name of its file"],
    size: ["routing", "upload", "bytes that it will have"],
    until_day: ["routing", "upload", "the day after which it will be erased"],
    received: ["routing", "upload", "bytes that are there"],
    begun_day: ["routing", "upload", "the day on which it began"],
  }),
  ...columns("spent", "operator", {
    token_hash: ["operational", "token_key", "hash of an anonymous token, so that it works once; who drew it is known to nobody"],
    key_epoch: ["operational", "token_key", "which key had signed it"],
  }),
]
