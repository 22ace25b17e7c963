// People as a screen shows them: read once, then kept current by what the device tells.

import type { ContactView, Hex } from "@nodoor/client"
import { useEffect, useState } from "preact/hooks"
import { useModel } from "./context.ts"
import { type Loaded, useLoad } from "./use-load.ts"

export function useContacts(): Loaded<readonly ContactView[]> {
  const { device } = useModel()
  const loaded = useLoad(() => device.contacts(), [])
  const changed = useChanged()
  const known = new Set(loaded.value?.map((contact) => contact.accountId))
  const added = [...changed.values()].filter((contact) => !known.has(contact.accountId))
  return { ...loaded, value: loaded.value && [...loaded.value.map((contact) => changed.get(contact.accountId) ?? contact), ...added] }
}

export function useContact(accountId: Hex): Loaded<ContactView> {
  const { device } = useModel()
  const loaded = useLoad(() => device.contact(accountId), [accountId])
  const changed = useChanged().get(accountId)
  return loaded.value === undefined || changed === undefined ? loaded : { ...loaded, value: changed }
}

/** Contacts that changed since the screen is open. */
function useChanged(): ReadonlyMap<Hex, ContactView> {
  const { device } = useModel()
  const [changed, setChanged] = useState<ReadonlyMap<Hex, ContactView>>(new Map())
  useEffect(
    () =>
      device.subscribe((event) => {
        if (event.type !== "contacts") return
        setChanged((before) => new Map([...before, ...event.contacts.map((contact) => [contact.accountId, contact] as const)]))
      }),
    [device],
  )
  return changed
}
