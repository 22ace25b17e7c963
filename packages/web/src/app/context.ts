// What components read from the context instead of being passed it through every level.

import { createContext } from "preact"
import { useContext } from "preact/hooks"
import type { Host } from "../host/host.ts"
import type { Model } from "../model/model.ts"
import { HostError } from "../host/host.ts"
import type { Calendar } from "../text/time.ts"
import type { Appearance } from "./appearance.ts"
import type { Arrival, Router } from "./route.ts"
import type { ReadonlySignal, Signal } from "@preact/signals"

export interface App {
  readonly host: Host
  readonly router: Router
  readonly appearance: Appearance
  readonly calendar: Calendar
  /** A moment of the present day. It changes at midnight, and texts relative to it are drawn again. */
  readonly today: ReadonlySignal<number>
  /** The link that brought the person here. Emptied once it has been used. */
  readonly arrival: Signal<Arrival>
}

export const AppContext = createContext<App | undefined>(undefined)
export const ModelContext = createContext<Model | undefined>(undefined)

export function useApp(): App {
  return present(useContext(AppContext))
}

export function useModel(): Model {
  return present(useContext(ModelContext))
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new HostError("unexpected", "A component was drawn outside the app.")
  return value
}
