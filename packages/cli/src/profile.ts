// A profile on disk: a folder (mode 0700 if made here; its files are 0600 anyway) that holds the encrypted store, the place of its key, the lock, and what was printed.

import {
  ClientError,
  type OpenDevice,
  type Ports,
  type Trace,
  createDevice,
  linkDevice,
  openDevice,
  recoverAccount,
  requestEmailCode,
} from "@nodoor/client"
import { openNodePorts } from "@nodoor/client/node"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "./cli-error.ts"
import type { OpenNetwork, OpenProfile, Profiles } from "./context.ts"
import { diskTrouble } from "./disk-trouble.ts"
import { lockProfile } from "./profile-lock.ts"
import type { ReceivedCursor } from "./received.ts"
import { readSealed, replaceFile, writeSealed } from "./sealed-file.ts"
import { type KeyPlace, keyPlaceText, makeStoreKey, readStoreKey } from "./store-key.ts"

export interface ProfileOptions {
  readonly talk: (text: string) => void
  /** Whether the desktop session's keyring may hold the key of a new profile. */
  readonly keyring: boolean
  readonly trace?: Trace | undefined
  /** How long to wait for another process that uses the profile. */
  readonly lockWaitMs?: number
}

const format = 1
const fileNames = { profile: "profile.json", store: "store.db", received: "received" } as const

/** Profiles as folders. */
export function folderProfiles(options: ProfileOptions): Profiles {
  const { talk, keyring, trace, lockWaitMs: waitMs = 10_000 } = options
  const withStore = (
    folder: string,
    key: Uint8Array,
    network: OpenNetwork,
    make: (ports: Ports) => Promise<OpenDevice>,
  ): Promise<OpenDevice> => makeOnStore(folder, key, network, (ports) => make(trace ? { ...ports, trace } : ports))
  const lock = (folder: string): Promise<() => void> =>
    lockProfile(folder, { waitMs, waiting: () => talk("Waiting for another nodoor process …") })

  /** A profile that has no device yet. */
  const begin = async (folder: string, network: OpenNetwork, make: (ports: Ports) => Promise<OpenDevice>): Promise<OpenProfile> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const unlock = await lock(folder)
    try {
      const { key, place } = await keyOf(folder, keyring)
      const device = await withStore(folder, key, network, make)
      talk(keyPlaceText(place))
      return openProfile(folder, key, unlock, device)
    } catch (error) {
      unlock()
      throw error
    }
  }

  return {
    async open(folder, network) {
      if ((await readPlace(folder)) === undefined) throw new ClientError("not_registered", `There is no profile in ${folder}.`)
      const unlock = await lock(folder)
      try {
        const key = await readProfileKey(folder)
        return openProfile(folder, key, unlock, await withStore(folder, key, network, openDevice))
      } catch (error) {
        unlock()
        throw error
      }
    },

    register: (folder, registration, network) =>
      begin(folder, network, (ports) => createDevice(ports, { ...registration, deviceClass: "cli" })),
    recover: (folder, recovery, network) => begin(folder, network, (ports) => recoverAccount(ports, { ...recovery, deviceClass: "cli" })),

    link: (folder, options, { network, hears }) =>
      begin(folder, network, async (ports) => {
        await linkDevice(ports, { ...options, deviceClass: "cli" }, hears).done
        return await openDevice(ports)
      }),

    sendEmailCode: async (serverUrl, email, network) => requestEmailCode({ network: await network() }, serverUrl, email),
  }
}

/** The key of a profile's store. @throws CliError as `readPlace` and `readStoreKey` */
export async function readProfileKey(folder: string): Promise<Uint8Array> {
  return readStoreKey(folder, (await readPlace(folder)) ?? { kind: "file" })
}

/** A device on the profile's store, which is closed again when there is none. */
async function makeOnStore(
  folder: string,
  key: Uint8Array,
  network: OpenNetwork,
  make: (ports: Ports) => Promise<OpenDevice>,
): Promise<OpenDevice> {
  const ports = await openNodePorts({ path: join(folder, fileNames.store), key }, await network())
  try {
    return await make(ports)
  } catch (error) {
    await ports.database.close()
    throw error
  }
}

function openProfile(folder: string, key: Uint8Array, unlock: () => void, device: OpenProfile["device"]): OpenProfile {
  const path = join(folder, fileNames.received)
  return {
    device,
    received: {
      read: async () => parseCursor((await readSealed(path, key)) ?? "{}"),
      write: (cursor) => writeSealed(path, key, JSON.stringify(cursor)),
    },
    async close() {
      try {
        await device.close()
      } finally {
        key.fill(0)
        unlock()
      }
    },
  }
}

/** The key of the profile, made on first use: a registration that was refused is tried again with the same one. */
async function keyOf(folder: string, keyring: boolean): Promise<{ readonly key: Uint8Array; readonly place: KeyPlace }> {
  const known = await readPlace(folder)
  if (known !== undefined) return { key: await readStoreKey(folder, known), place: known }
  const made = await makeStoreKey(folder, { keyring })
  await replaceFile(join(folder, fileNames.profile), `${JSON.stringify({ format, key: made.place })}\n`)
  return made
}

/** @throws CliError `profile_damaged`, also for a profile of a newer version */
async function readPlace(folder: string): Promise<KeyPlace | undefined> {
  const path = join(folder, fileNames.profile)
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined
    throw diskTrouble(error) ?? new CliError("profile_damaged", `${path} cannot be read.`, { cause: error })
  })
  if (text === undefined) return undefined
  const place = parsePlace(text)
  if (place === undefined)
    throw new CliError("profile_damaged", `${path} is damaged, or a newer version wrote it.`, { next: "update nodoor" })
  return place
}

function parsePlace(text: string): KeyPlace | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { format: found, key } = (value ?? {}) as {
    readonly format?: unknown
    readonly key?: { readonly kind?: unknown; readonly name?: unknown }
  }
  if (found !== format) return undefined
  if (key?.kind === "file") return { kind: "file" }
  return key?.kind === "keyring" && typeof key.name === "string" ? { kind: "keyring", name: key.name } : undefined
}

function parseCursor(text: string): ReceivedCursor {
  return JSON.parse(text) as ReceivedCursor
}
