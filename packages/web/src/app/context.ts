// What components reach for without it being handed through every level.

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
  /** A moment of the present day; what is written relative to it is drawn anew at midnight. */
  readonly today: ReadonlySignal<number>
  /** What brought the person here; emptied when it has been dealt with. */
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
