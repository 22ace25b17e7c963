// What two people compare outside the server's reach, and how the key log answered about the other one.

export interface SafetySheet {
  /** 60 digits in 12 groups of five, the same on both sides. */
  readonly digits: readonly string[]
  /** Text for the QR code. */
  readonly qr: string
  readonly verifiedAtMs: number | undefined
  /** What the key-transparency row shows. A check that was not done says so. */
  readonly transparency: Transparency
}

export type Transparency =
  | { readonly status: "not_checked"; readonly reason: string }
  | { readonly status: "running" }
  | { readonly status: "ok"; readonly atMs: number; readonly witnesses: readonly string[] }
  | { readonly status: "unavailable"; readonly reason: string; readonly atMs: number }
  | { readonly status: "failed"; readonly code: string; readonly atMs: number }
