// What those affected by an attack were told, and what they can take along.

/** Something a person affected was told. */
export interface Sign {
  readonly who: string
  readonly kind: "alarm" | "refusal" | "unreadable message" | "audit" | "comparison"
  readonly code: string
  readonly level?: string
}

/** A file that a person can take along and show to others, as their device exports it. */
export interface Exported {
  readonly who: string
  readonly name: string
  /** `proof` proves itself to anybody, `commit` to members of the chat; `record` is what the device saw. */
  readonly kind: "proof" | "commit" | "record"
  readonly text: string
}
