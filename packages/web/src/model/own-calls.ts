// What concerns the own account's devices, backups and recovery key. A call is missing where the library cannot carry it out: then the screens
// do not offer it.

import type { BackupCalls, Device, LinkCalls, RecoveryCalls } from "@nodoor/client"

export type OwnCalls = LinkCalls & BackupCalls & RecoveryCalls

export function ownCallsOf(device: Device): Partial<OwnCalls> {
  return device as Device & Partial<OwnCalls>
}
