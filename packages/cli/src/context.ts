// What every command is handed: the terminal, and the profile it works on.

import {
  type ChatView,
  ClientError,
  type ClientErrorCode,
  type Device,
  type DeviceRegistration,
  type Hex,
  type OpenDevice,
  type Recovery,
  type LinkView,
  type NewDeviceOptions,
  type RemovalView,
} from "@nodoor/client"
import type { NodeNetwork } from "@nodoor/client/node-network"
import type { CommandContext } from "@stricli/core"
import { setTimeout } from "node:timers/promises"
import { CliError } from "./cli-error.ts"
import type { ReceivedCursor } from "./received.ts"
import { type Terminal, harmless } from "./terminal.ts"

/** What `register` gives: a terminal's device is always of the class `cli`. */
export type CliRegistration = Omit<DeviceRegistration, "deviceClass">

/** A profile in use: its device, and what of it this terminal has printed. Locked against other processes until closed. */
export interface OpenProfile {
  readonly device: OpenDevice
  readonly received: { read(): Promise<ReceivedCursor>; write(cursor: ReceivedCursor): Promise<void> }
  close(): Promise<void>
}

export interface Profiles {
  /** @throws ClientError `not_registered`; CliError `profile_busy`, `profile_damaged`, `key_unavailable` */
  open(path: string, network: OpenNetwork): Promise<OpenProfile>
  register(path: string, registration: CliRegistration, network: OpenNetwork): Promise<OpenProfile>
  /** Brings an account back into a profile that has none. */
  recover(path: string, recovery: Omit<Recovery, "deviceClass">, network: OpenNetwork): Promise<OpenProfile>
  /** Gets a device into an account that exists. `hears` is told how it goes. @throws ClientError `link_expired`, `link_denied`, … */
  link(
    path: string,
    options: Omit<NewDeviceOptions, "deviceClass">,
    ways: { readonly network: OpenNetwork; readonly hears: (view: LinkView) => void },
  ): Promise<OpenProfile>
  /** Asks the server to send a code to an address. */
  sendEmailCode(serverUrl: string, email: string, network: OpenNetwork): Promise<void>
}

/** The only way to the network that a command has. Made at its first use. */
export type OpenNetwork = () => Promise<NodeNetwork>

export interface CliContext extends CommandContext {
  readonly terminal: Terminal
  readonly profiles: Profiles
  readonly profilePath: string
  readonly network: OpenNetwork
}

/** How long a command waits for the server before it says that something is still on its way. */
export const serverWaitMs = 15_000

/** Runs with the profile's device, and closes it whatever happens. */
export async function withProfile<T>(context: CliContext, use: (profile: OpenProfile) => Promise<T>): Promise<T> {
  const profile = await context.profiles.open(context.profilePath, context.network)
  try {
    return await use(profile)
  } finally {
    await profile.close()
  }
}

/** Runs with the device after it has taken in what waits at the server; says so when that could not be reached. */
export async function withSyncedDevice<T>(context: CliContext, use: (device: Device) => Promise<T>): Promise<T> {
  return withProfile(context, async ({ device }) => {
    if (!(await settledOrOffline(device, serverWaitMs))) {
      const online = (await device.connection()).status === "online"
      context.terminal.talk(
        online
          ? "Some messages have not been sent yet. Run nodoor chats to see where."
          : "Could not reach the server. This is what the device knew last.",
      )
    }
    return use(device)
  })
}

/**
 * Runs with the device as the server has it now, as far as it answers, then waits until it has confirmed what was done.
 * @throws CliError `not_sent` when it did not in time
 */
export async function withDeviceThenSend<T>(context: CliContext, use: (device: Device) => Promise<T>): Promise<T> {
  return withProfile(context, async ({ device }) => {
    await settledOrOffline(device, serverWaitMs)
    const result = await use(device)
    await confirmed(device)
    return result
  })
}

/**
 * `chatId`: where something was sent or done. @throws CliError `not_sent`, `removal_outstanding`; ClientError when the server refuses the
 * device or its account
 */
export async function confirmed(device: Device, chatId?: Hex): Promise<void> {
  if (await settledOrOffline(device, serverWaitMs)) return
  await failIfRefused(device)
  const chat = chatId === undefined ? undefined : await device.chat(chatId)
  if (chat?.removal !== undefined && (await device.connection()).status === "online") throw stillThere(chat, chat.removal)
  throw new CliError("not_sent", "The server has not confirmed this yet. It is stored on this device and will be sent automatically.", {
    next: "nodoor receive, when you are online",
  })
}

/** Somebody is to go from the chat and has not gone; what a person can do about it. */
function stillThere(chat: ChatView, removal: RemovalView): CliError {
  const reference = chat.id.slice(0, 12)
  const choices = [
    `nodoor group retry ${reference}`,
    ...(chat.kind === "group" ? [`nodoor group leave ${reference}`, "nodoor group create NAME @HANDLE… for a new one without them"] : []),
    ...(removal.outOfHands ? [`nodoor group keep ${reference} @HANDLE to let them stay`] : []),
  ]
  return new CliError("removal_outstanding", harmless(removal.text), { next: choices.join("; or ") })
}

/** @throws ClientError with the code and words of a refusal, or of a store that takes nothing in */
export async function failIfRefused(device: Device): Promise<void> {
  const connection = await device.connection()
  // The codes are the wire's, and `account_deleted`.
  if (connection.status === "refused") throw new ClientError(connection.code as ClientErrorCode, connection.message)
  if (connection.status === "offline" && connection.trouble)
    throw new ClientError(connection.trouble.code as ClientErrorCode, connection.trouble.message)
}

/** Whether mailbox and outbox are settled within `timeoutMs`; gives up early when there is no connection to be had. */
export async function settledOrOffline(device: Device, timeoutMs: number): Promise<boolean> {
  const done = new AbortController()
  const settled = device.settled(timeoutMs).finally(() => done.abort())
  const offline = staysOffline(device, done.signal).then(() => false)
  return await Promise.race([settled, offline])
}

const offlinePollMs = 250
/** Long enough for a second attempt after one that failed. */
const offlineMs = 2_000

async function staysOffline(device: Device, done: AbortSignal): Promise<void> {
  for (let forMs = 0; forMs < offlineMs; forMs += offlinePollMs) {
    await setTimeout(offlinePollMs, undefined, { ref: false })
    if (done.aborted) return
    const { status } = await device.connection()
    if (status === "refused") return
    if (status !== "offline") forMs = -offlinePollMs
  }
}
