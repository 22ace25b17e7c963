// A device of a world, whether it runs in this process or in one of its own.

import type { ClientError, Database, Device, LinkView, NewDeviceOptions } from "@nodoor/client"

/** How a further device of an account gets into it. */
export interface Joining {
  readonly how: NewDeviceOptions["how"]
  readonly hears: (view: LinkView) => void
  /** It is in the account, or what keeps it out for good. */
  readonly ended?: (error: ClientError | undefined) => void
}

export interface WorldDevice {
  /** Of its account; of a further device, a name of its own. */
  readonly handle: string
  readonly account: string
  /** The running device, or undefined while its process is dead. */
  readonly device: Device | undefined
  /** What is on its disk, also while nothing runs. */
  readonly disk: Pick<Database, "read">
  /** Whether it ever ran, so that its disk holds something. */
  readonly started: boolean
  /** Set for a further device of an account, which registers none of its own. */
  joining: Joining | undefined
  /** Somebody asked for it to be removed from its account. */
  mayBeRevoked: boolean
  /** The log shows that it was. */
  isRevoked: boolean
  /** Whether its person has it no more. */
  readonly isOut: boolean
  /** Whether its store is an older copy, put back. */
  readonly isPutBack: boolean
  /** Whether an alarm is one that this device had reason for. */
  hadReason(code: string): boolean
  /** Starts the process: registers or joins the first time, opens the store later. */
  start(): Promise<void>
}
