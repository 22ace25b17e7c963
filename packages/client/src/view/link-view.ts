// What a person sees of linking a device, on the new device and on the old one. Neither the keys nor what is handed over are in it.

export interface LinkView {
  /** `new`: this device joins an account. `old`: this device lets one in. */
  readonly role: "new" | "old"
  readonly step: LinkStep
  /** The code to type on the other device, in groups of five. While `showing`. */
  readonly code?: string
  /** The same as a link, for the QR code. While `showing`. */
  readonly link?: string
  /** When the code stops working. */
  readonly expiresAtMs?: number
  /** What the other device says of itself. `deviceClass` is one of `DeviceView`. */
  readonly peer?: { readonly name: string; readonly deviceClass: string; readonly atMs: number }
  /** The number that the new device shows. */
  readonly number?: number
  /** What the old device offers to choose from. */
  readonly numbers?: readonly number[]
  readonly progress?: { readonly done: number; readonly total: number }
  /** While `failed`. */
  readonly failure?: { readonly code: string; readonly message: string }
}

/**
 * `showing`: the code waits for the other device. `connecting`: a code was typed or scanned, and the other side is awaited. `choosing`: the
 * new device shows its number. `confirming`: the old device asks which number it is. `adding`: the account and its groups take the device in.
 * `transferring`: the history is on its way. `done` and `failed` are ends.
 */
export type LinkStep = "showing" | "connecting" | "choosing" | "confirming" | "adding" | "transferring" | "done" | "failed"
