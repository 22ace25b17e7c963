// `accounts.db`, column by column, and the names of its settings.

import { type InventoryEntry, type Owner, type Row, entriesOf } from "./entry.ts"

const columns = (table: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] =>
  entriesOf(`accounts.db ${table}.`, whose, rows)

export const accountsDatabase: readonly InventoryEntry[] = [
  ...columns("settings", "operator", {
    name: ["operational", "ever", "which setting"],
    value: ["operational", "ever", "its value; the names that exist are listed one by one"],
  }),
  ...entriesOf("accounts.db settings[", "operator", {
    "origin]": ["operational", "ever", "the name that accounts are bound to"],
    "introduction_key]": ["operational", "ever", "makes the addresses at which devices are introduced, so that none has to be stored"],
    "account_changes]": ["operational", "ever", "how often accounts were suspended, resumed or erased; not which"],
    "observed_days]": ["operational", "ever", "how many days this server ran, and the last of them, to tell disuse from a wrong clock"],
    "rewrite_due_ms]": ["operational", "ever", "when the file is next written anew, so that no copy of an erased row stays in it"],
    "log_witness_addresses]": ["operational", "ever", "where witnesses of the transparency log are reached"],
  }),
  ...columns("accounts", "account", {
    account_id: ["disclosable", "ever", "public random name of the account; stays with the handle, so that nobody takes it over", "value"],
    handle: ["disclosable", "ever", "the name others find the account under; stays, so that nobody takes it over", "value"],
    holder_name: ["disclosable", "account", "the account holder's name as given at registration, not checked", "value"],
    email: ["disclosable", "account", "e-mail address, if one was given", "value"],
    created_at_ms: ["disclosable", "ever", "the day, not the time, on which the account was registered", "value"],
    last_seen_day: ["disclosable", "ever", "the four weeks, not the day, of the last sign-in: their first day", "value"],
    handle_binding: ["operational", "ended", "the account's own public signature that the handle is its own"],
    verified_state: ["operational", "ever", "the newest signed device list, public"],
    state: ["operational", "ever", "whether the account is in use, suspended or erased; neither when nor why"],
    unused_since: ["operational", "unused", "which of the days that the server ran it was first found unused on"],
  }),
  ...columns("account_states", "account", {
    global_order: ["operational", "ended", "place in the order in which the log takes states, public"],
    account_id: ["operational", "ended", "public; whose state it is"],
    version: ["operational", "ended", "public; which state it is"],
    state: ["operational", "ended", "public; the signed list of devices and their public keys"],
    state_hash: ["operational", "ended", "public; hash of the state"],
  }),
  ...columns("devices", "device", {
    device_id: ["routing", "device", "random name of a device; the desk tells how many there are", "count"],
    account_id: ["routing", "device", "whose device it is"],
    signature_key: ["operational", "device", "public key that sign-ins are checked with"],
  }),
  ...columns("retired_devices", "device", {
    id_hash: ["operational", "ever", "hash of the name of a device that is gone, so that nobody registers it again"],
    erased: ["operational", "ever", "whether the server erased its account, so that the device is told so"],
  }),
  ...columns("addresses", "account", {
    account_id: ["routing", "ip_days", "whose addresses they are; the export names the account once"],
    address: ["disclosable", "ip_days", "IP address at sign-in; of an account the newest 10,000", "value"],
    first_seen_ms: ["disclosable", "ip_days", "day of the registration, or the end of the four weeks, or when the server stopped", "value"],
    last_seen_ms: ["disclosable", "ip_days", "the last such day; what was not used for retention.ip_days then is not written", "value"],
  }),
  ...columns("invites", "operator", {
    code_hash: ["operational", "used", "hash of an invitation code"],
    label: ["operational", "used", "which command made it"],
    uses_left: ["operational", "used", "how often it still works; who used it is not recorded"],
    expires_at_ms: ["operational", "used", "until when it works"],
  }),
  ...columns("key_packages", "device", {
    device_id: ["routing", "device", "whose public keys of last resort they are; those that are given out once are in memory only"],
    package_hash: ["operational", "used", "recognises the same upload"],
    package: ["operational", "used", "public keys with which others add the device to a group"],
  }),
  ...columns("token_keys", "operator", {
    epoch: ["operational", "token_key", "for which three days the key signs"],
    private_key: ["operational", "token_key", "signs tokens without seeing them; tells nothing about any token"],
    public_key: ["operational", "token_key", "what tokens verify under, the same as in the log"],
  }),
  ...columns("spent_tokens", "everybody", {
    token_hash: ["operational", "token_key", "hash of a spent token, so that it works once; not whose it was, nor for whom"],
    key_epoch: ["operational", "token_key", "which key it was made with"],
  }),
  ...columns("sqlite_sequence", "operator", {
    name: ["operational", "ever", "SQLite's own: which table numbers its rows"],
    seq: ["operational", "ever", "the last number, so that none is given twice"],
  }),
]
