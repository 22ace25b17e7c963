// What the console's components read from the context.

import type { Signal } from "@preact/signals"
import { createContext } from "preact"
import { useContext } from "preact/hooks"
import { HostError } from "../host/host.ts"
import type { Calendar } from "../text/time.ts"
import type { CaseForm } from "./cases/case-form.ts"
import type { ConsoleClient } from "./console-client.ts"
import type { Passkeys } from "./passkeys.ts"
import type { Places } from "./place.ts"
import type { Session, SignedIn } from "./session.ts"

export interface Notice {
  readonly id: number
  readonly text: string
}

export interface Console {
  readonly client: ConsoleClient
  readonly passkeys: Passkeys
  readonly session: Session
  readonly places: Places
  readonly calendar: Calendar
  /** Short answers to what was just done. */
  readonly notices: Signal<readonly Notice[]>
  readonly say: (text: string) => void
  /**
   * What has been typed of a new case. In memory only: it outlives a sign-out, and a request under a gag is written to no disk of the
   * person's.
   */
  readonly draft: Signal<CaseForm | undefined>
  /** The code of the enrolment link that was opened, until it is used. */
  readonly enrolment: Signal<string | undefined>
}

export const ConsoleContext = createContext<Console | undefined>(undefined)
export const PersonContext = createContext<SignedIn | undefined>(undefined)

export function useConsole(): Console {
  return present(useContext(ConsoleContext))
}

/** Who is signed in. */
export function usePerson(): SignedIn {
  return present(useContext(PersonContext))
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new HostError("unexpected", "A component was drawn outside the console.")
  return value
}
