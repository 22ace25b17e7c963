/** How far a device had seen the history of a group when it wrote something (docs/protocol.md, "One history for all"). */
export interface Seen {
  readonly order: number
  readonly chain: Uint8Array
}
