// A real device in a process of its own, to be killed: production ports, an encrypted store on disk. What it is asked to do comes as messages.
// Arguments: the store's path, the server's address, the handle, and the code of a device that lets it in, for a further one of an account.

import process from "node:process"
import { ClientError, type Device, createDevice, linkDevice, openDevice } from "@nodoor/client"
import { openNodePorts } from "@nodoor/client/node"
import { quickTokens } from "@nodoor/client/quick-tokens"
import type { Call, Told } from "./messages.ts"

const [path = "", serverUrl = "", handle = "", code] = process.argv.slice(2)
const key = new Uint8Array(32)

const tell = (told: Told): void => void process.send?.(told)
process.on("disconnect", () => process.exit(0))

const opened = await openNodePorts({ path, key })
const ports = { ...opened, blindSignatures: quickTokens(opened.random) }
try {
  await serve(await open())
} catch (error) {
  if (!(error instanceof ClientError)) throw error
  tell({ kind: "refused", code: error.code, message: error.message })
}

async function open(): Promise<Device> {
  try {
    return await openDevice(ports)
  } catch (error) {
    if (!(error instanceof ClientError) || !["not_registered", "link_unfinished"].includes(error.code)) throw error
    if (code === undefined) return await createDevice(ports, { serverUrl, handle, name: `Profile-${handle}`, deviceClass: "cli" })
    const options = { serverUrl, deviceClass: "cli", deviceName: `Terminal ${handle}`, how: { code } } as const
    await linkDevice(ports, options, (view) => tell({ kind: "hears", view })).done
    return await openDevice(ports)
  }
}

async function serve(device: Device): Promise<void> {
  device.subscribe((event) => {
    if (event.type === "link" || event.type === "alarm") tell({ kind: "event", event })
  })
  process.on("message", (message) => void answer(device, message as Call))
  tell({ kind: "ready" })
}

async function answer(device: Device, { id, method, given }: Call): Promise<void> {
  try {
    const value = await (device[method] as (...args: readonly unknown[]) => Promise<unknown>)(...given)
    tell({ kind: "answer", id, value })
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    tell({ kind: "answer", id, refusal: { code: error.code, message: error.message } })
  }
}
