/** Where placed bodies are announced to devices that are connected. Lossy: a mailbox is read from its cursor. */
export interface Announcer {
  posted(
    recipients: Uint8Array,
    record: { readonly groupId: Uint8Array; readonly order: number; readonly timeMs: number; readonly body: Uint8Array },
  ): void
  /** Something new waits in these mailboxes. */
  woken(recipients: Uint8Array): void
  ephemeral(mailboxes: Uint8Array, message: { readonly groupId: Uint8Array; readonly body: Uint8Array }): void
}
