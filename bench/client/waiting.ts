// Waiting for what devices show.

import type { ClientEvent, Device } from "@nodoor/client"

/** Resolves with the first event of which this holds. */
export function heard(device: Pick<Device, "subscribe">, holds: (event: ClientEvent) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = device.subscribe((event) => {
      if (!holds(event)) return
      stop()
      resolve()
    })
  })
}

/** So many messages of others, from now on. */
export function incoming(device: Pick<Device, "subscribe">, messages: number): Promise<void> {
  let left = messages
  return heard(device, (event) => event.type === "chat" && (left -= event.incoming.length) <= 0)
}

export async function until(holds: () => Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await holds())) await pause(everyMs)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
