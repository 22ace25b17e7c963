// The link that brought somebody here survives a reload of this tab: an invite works for one account, and people rarely have its link at hand again.

import { type Signal, effect, signal } from "@preact/signals"
import type { SiteStorage } from "../host/site-storage.ts"
import type { Arrival } from "./route.ts"

const key = "nodoor.arrival"
const nothing: Arrival = { invite: undefined, handle: undefined }

/** `arrived`: what the address says now. Kept for this tab until it is emptied, but for a linking code. */
export function createArrival(arrived: Arrival, tabStorage: SiteStorage): Signal<Arrival> {
  const isNew = arrived.invite !== undefined || arrived.handle !== undefined || arrived.link !== undefined
  const arrival = signal(isNew ? arrived : readKept(tabStorage))
  effect(() => {
    const { invite, handle } = arrival.value
    if (invite === undefined && handle === undefined) tabStorage.removeItem(key)
    else tabStorage.setItem(key, JSON.stringify({ invite, handle }))
  })
  return arrival
}

function readKept(tabStorage: SiteStorage): Arrival {
  try {
    const kept: unknown = JSON.parse(tabStorage.getItem(key) ?? "{}")
    if (typeof kept !== "object" || kept === null) return nothing
    const textOf = (name: string): string | undefined => {
      const value: unknown = Reflect.get(kept, name)
      return typeof value === "string" ? value : undefined
    }
    return { invite: textOf("invite"), handle: textOf("handle") }
  } catch {
    return nothing
  }
}
