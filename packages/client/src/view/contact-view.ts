// What a person sees of people and devices.

import type { SafetySheet } from "../trust/contact/safety-sheet.ts"
import type { Role } from "../core/group-rules.ts"
import type { Hex } from "../core/hex.ts"
import type { ServerInfo } from "@nodoor/wire"

export interface AccountView {
  readonly accountId: Hex
  readonly deviceId: Hex
  readonly handle: string
  readonly origin: string
  /** Base URL the device talks to. */
  readonly serverUrl: string
  /** Name that contacts see, from the encrypted profile. */
  readonly name: string
  readonly server: ServerInfo
}

export interface ContactView {
  readonly accountId: Hex
  /** Proven: the log binds it to this account. Undefined while it was not checked; what a server says alone is never shown. */
  readonly handle?: string | undefined
  /** Twelve hexadecimal digits that the account cannot choose: what stands for it, after a `#`, where there is no handle. */
  readonly mark: string
  readonly origin: string
  /**
   * From the contact's encrypted profile, with `(@handle)` behind it where the name could be taken for somebody else's or for a word of the
   * interface; `@handle`, or `#mark`, until a profile arrived.
   */
  readonly name: string
  readonly verified: boolean
  readonly blocked: boolean
  /** In `contacts()`: written to, accepted, verified, or in a common group. Somebody who only sent a request is not known. */
  readonly known?: boolean
  /**
   * The account has ended, as the key log shows: nobody can be reached there, and the handle stays taken. `proven`: one of the account's own
   * devices ended it. `unproven`: the log has erased who did.
   */
  readonly ended?: "proven" | "unproven"
  readonly deviceCount: number
  /** Set while the contact's identity differs from the one verified or first seen: what the trust ladder shows. */
  readonly identityChange:
    | {
        readonly atMs: number
        readonly kind: "reset" | "changed"
        /** The person had verified them before: nothing is sent until they verify again or withdraw the verification. */
        readonly wasVerified: boolean
      }
    | undefined
}

export interface MemberView extends ContactView {
  readonly role: Role
  readonly own: boolean
  /** None of their devices has come to the group within a day of being added. Who may add can add them again. */
  readonly unattached?: boolean
}

export interface DeviceView {
  readonly deviceId: Hex
  readonly deviceClass: "cli" | "desktop" | "mobile" | "web" | "web-verified" | "bot"
  readonly own: boolean
  readonly addedVersion: number
  /** What its owner calls it. */
  readonly name?: string
  /** When the log took in the version that brought it, as the log has proven; not known before a look at the log, nor of an account's first version alone. */
  readonly addedMs?: number
  /** The log holds it, and this account's own list does not: remove it, or say that it was you. */
  readonly unknown?: boolean
}

export interface SafetyView extends SafetySheet {
  readonly contact: ContactView
}
