// What people do on a server in thirty days, one step after the other. It names people, devices and groups by number; which bytes stand
// for them is the server's business.

export type Step =
  | { readonly kind: "register"; readonly atMs: number; readonly account: number; readonly device: number }
  | { readonly kind: "add-device"; readonly atMs: number; readonly account: number; readonly device: number }
  /** Comes online: signs in, takes what waits for it, joins what it was added to, reads and acknowledges. */
  | { readonly kind: "come"; readonly atMs: number; readonly device: number }
  | { readonly kind: "leave"; readonly atMs: number; readonly device: number }
  | { readonly kind: "create"; readonly atMs: number; readonly device: number; readonly group: number }
  | { readonly kind: "add"; readonly atMs: number; readonly by: number; readonly group: number; readonly devices: readonly number[] }
  | { readonly kind: "remove"; readonly atMs: number; readonly by: number; readonly group: number; readonly devices: readonly number[] }
  /** The device's store was put back: it asks the group to be let in again. */
  | { readonly kind: "ask"; readonly atMs: number; readonly device: number; readonly group: number }
  /** Its seat is replaced by a new one. */
  | { readonly kind: "readmit"; readonly atMs: number; readonly by: number; readonly group: number; readonly device: number }
  | { readonly kind: "post"; readonly atMs: number; readonly by: number; readonly group: number; readonly sizeBytes: number }

/** Who is whose, and who is where: what the attacker wants to know. */
export interface People {
  readonly accountCount: number
  /** By number of the device: its account. */
  readonly accountOf: readonly number[]
  /** By number of the device: the first night on which it is there. Everybody can see that in the log of account states. */
  readonly deviceNight: readonly number[]
}

export const dayMs = 86_400_000
/** Midnight, UTC, before the first day: a Tuesday. */
export const startMs: number = Date.UTC(2026, 11, 1)
export const nightCount = 30
/** Days before the first copy, in which those who were there before made their chats. */
export const earlierDays = 10
