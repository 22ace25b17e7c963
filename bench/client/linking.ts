// A further device of an account: the code of one is typed on the other, and the person chooses the right number at once.

import { type Device, type LinkView, type Network, type Ports, linkDevice } from "@nodoor/client"
import type { Devices } from "./devices.ts"
import { heard } from "./waiting.ts"

/** The new device's ports, once the account has taken it in; it is opened with them. */
export async function linked(
  devices: Devices,
  first: Device,
  { name, network }: { readonly name: string; readonly network?: Network },
): Promise<Ports> {
  const { code = "" } = await first.startLink({ show: true })
  const number = Promise.withResolvers<number>()
  const asked = heard(first, (event) => event.type === "link" && event.link.step === "confirming")
  const hears = (view: LinkView): void => {
    if (view.number !== undefined) number.resolve(view.number)
  }
  const ports = await devices.ports(name, network)
  const { serverUrl } = devices.server
  const { done } = linkDevice(ports, { serverUrl, deviceClass: "web", deviceName: name, how: { code } }, hears)
  await asked
  await first.answerLink({ number: await number.promise })
  await done
  return ports
}
