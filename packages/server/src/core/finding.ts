// One thing that `doctor` looked at.

export interface Finding {
  readonly what: string
  /** `note`: as configured, and worth knowing. `warn`: works, and should be looked at. `bad`: does not work. */
  readonly level: "ok" | "note" | "warn" | "bad"
  readonly text: string
}
