// How the device is connected to its server.

export type ConnectionStatus =
  /** `trouble`: it is not the network; this device's own store takes nothing in for now. A code of `ClientError`, and words for a person. */
  | {
      readonly status: "offline"
      readonly retryAtMs: number | undefined
      readonly trouble?: { readonly code: string; readonly message: string }
    }
  /** `catchUp`: there is much to take in. */
  | { readonly status: "connecting"; readonly catchUp?: CatchUp }
  /** Everything that waited at the server has been taken in. */
  | { readonly status: "online" }
  /**
   * The server refused this device; a person has to act. `account_deleted`, `account_erased`: for good, what is here is only read.
   * `account_suspended`: until the operator resumes it, which the device finds out by itself. `older_copy`: this store is older than what the
   * device has received or sent; nothing is sent or received with it.
   */
  | { readonly status: "refused"; readonly code: string; readonly message: string }

/** How much of what waited at the server has been taken in. */
export interface CatchUp {
  readonly taken: number
  readonly total: number
}
