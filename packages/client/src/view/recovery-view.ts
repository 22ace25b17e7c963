// What a person sees of the recovery key. The key itself is shown as 24 words, and only when somebody asks for them.

export interface RecoveryView {
  /** `confirmed`: the person has written the words down and proved it. */
  readonly status: "unconfirmed" | "confirmed"
  /** A message has been sent, and the words have not been confirmed: time to ask. */
  readonly remind: boolean
  /** A passkey opens the recovery key too, and it has done so once. */
  readonly passkey: boolean
}

/** What is wrong with 24 words, word by word. */
export type WordsCheck =
  | { readonly status: "right" }
  /** These are not words of the list. `at` counts from 0; `nearest` are up to three words of the list that they may have been. */
  | { readonly status: "unknown_words"; readonly wrong: readonly { readonly at: number; readonly nearest: readonly string[] }[] }
  /** There are not 24 of them. */
  | { readonly status: "wrong_count"; readonly count: number }
  /** All are words of the list, but not these, or not in this order. */
  | { readonly status: "wrong_checksum" }
  /** They are right in themselves, and belong to another account. */
  | { readonly status: "other_account" }
