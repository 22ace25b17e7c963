// Opens, creates and erases the device of this browser, and answers calls to it.

import {
  type ClientEvent,
  type LinkView,
  type Ports,
  type Linking,
  type OpenDevice,
  checkInvite,
  checkWords,
  createDevice,
  linkDevice,
  openDevice,
  readCode,
  recoverAccount,
  requestEmailCode,
  serverInfo,
} from "@nodoor/client"
import { browserPorts, eraseDatabase, httpNetwork, isOffTheRecord, openBrowserStore } from "@nodoor/client/browser"
import { faultOf } from "./answerer.ts"
import { suggestedDeviceName } from "./device-name.ts"
import { archiveFile, archiveOf, blobOf, piecesOf } from "./archive-file.ts"
import { devTrace } from "./dev-trace.ts"
import { HostError, type HostState, type LinkHow, type StorageView } from "./host.ts"
import type { Owner } from "./messages.ts"
import { type StorageGuard, createStorageGuard } from "./storage-guard.ts"
import { type StoreKey, destroyStoreKey, makeStoreKey, markRegistered, readStoreKey } from "./store-key.ts"
import { hostText } from "../text/host-text.ts"

export interface OwnerOptions {
  readonly serverUrl: string
  readonly state: (state: HostState) => void
  readonly storage: (storage: StorageView) => void
  /** How far this browser has come with joining an account. */
  readonly linking: (linking: LinkView | undefined) => void
  /** The name of the tabs' channel, to be restored if the browser deletes it. */
  readonly channel: string
  readonly event: (event: ClientEvent) => void
}

const deviceName = suggestedDeviceName(navigator.userAgent)
const storeName = "device"
/** The last owner's file handles may outlive its tab for a moment. */
/** Trying again opens no such store. */
const forGood: readonly string[] = ["store_unreadable", "store_newer", "store_older"]
const openTries = 25
const openPauseMs = 200

export interface BrowserOwner {
  /** Opens what is there and reports the result as the state. Does nothing while a device is open. */
  open(): Promise<void>
  readonly api: () => Partial<Owner>
}

export function createOwner(options: OwnerOptions): BrowserOwner {
  let device: OpenDevice | undefined
  let ports: Ports | undefined
  let guard: StorageGuard | undefined
  let opening: Promise<Ports> | undefined
  let linking: Linking | undefined
  let linkingTurn = 0
  let storage: StorageView = { offTheRecord: false, state: "kept" }
  const show = (change: Partial<StorageView>): void => {
    storage = { ...storage, ...change }
    options.storage(storage)
  }

  const take = async (opened: OpenDevice): Promise<void> => {
    device = opened
    opened.subscribe(options.event)
    options.state({ status: "ready", account: await opened.account() })
  }
  const openPorts = async (stored: StoreKey): Promise<Ports> => {
    for (let tries = 1; ; tries++) {
      try {
        const store = await openBrowserStore({ name: storeName, key: stored.key })
        guard = createStorageGuard({ store, stored, channel: options.channel, changed: (state) => show({ state }) })
        const trace = devTrace()
        return { ...(await browserPorts(storeName, store.database)), ...(trace && { trace }) }
      } catch (error) {
        if (tries === openTries || forGood.includes(faultOf(error).code)) throw error
        await new Promise((resolve) => setTimeout(resolve, openPauseMs))
      }
    }
  }
  /** Ports of a store in which there is no account yet. */
  const emptyPorts = async (): Promise<Ports> => {
    if (device !== undefined) throw new HostError("already_registered", hostText.alreadyRegistered)
    if (ports !== undefined) return ports
    // Two calls at once must not open the store twice: the second would find it locked.
    opening ??= readStoreKey()
      .then(async (stored) => openPorts(stored ?? (await makeStoreKey())))
      .finally(() => (opening = undefined))
    return (ports = await opening)
  }
  /** The store holds an account since just now. */
  const takeNew = async (made: OpenDevice): Promise<void> => {
    await markRegistered()
    guard?.registered()
    await take(made)
  }
  const cancelLinking = (): void => {
    linkingTurn++
    linking?.cancel()
    linking = undefined
    options.linking(undefined)
  }
  const beginLinking = (into: Ports, how: LinkHow): void => {
    cancelLinking()
    // What one that was cancelled still says is nobody's business.
    const turn = linkingTurn
    linking = linkDevice(into, { serverUrl: options.serverUrl, onlyThere: true, deviceClass: "web", deviceName, how }, (view) => {
      if (turn === linkingTurn) options.linking(view)
    })
    linking.done
      .then(async () => {
        if (turn !== linkingTurn) return
        await takeNew(await openDevice(into))
        cancelLinking()
      })
      .catch((error: unknown) => {
        const { code, message } = faultOf(error)
        if (turn === linkingTurn) options.linking({ role: "new", step: "failed", failure: { code, message } })
      })
  }
  const opened = (): OpenDevice => {
    if (device === undefined) throw new HostError("not_ready", hostText.noAccount)
    return device
  }
  const release = async (): Promise<void> => {
    // A device closes its store itself.
    cancelLinking()
    guard?.stop()
    guard = undefined
    if (device !== undefined) await device.close()
    else await ports?.database.close()
    device = undefined
    ports = undefined
  }

  return {
    async open() {
      if (device !== undefined) return
      options.state({ status: "starting" })
      show({ offTheRecord: await isOffTheRecord(), state: "kept" })
      try {
        const stored = await readStoreKey()
        if (stored === undefined) {
          options.state({ status: "empty" })
          return
        }
        try {
          ports ??= await openPorts(stored)
          await take(await openDevice(ports))
        } catch (error) {
          const { code } = faultOf(error)
          if (code === "link_unfinished" && ports !== undefined) {
            // It was cut short after the account was handed over: it goes on.
            beginLinking(ports, { show: true })
            options.state({ status: "empty" })
          } else if (code === "not_registered") options.state({ status: stored.registered ? "lost" : "empty" })
          else if (code === "store_unreadable" && stored.registered) options.state({ status: "lost" })
          else throw error
        }
      } catch (error) {
        const { code, message } = faultOf(error)
        options.state({ status: "failed", code, message })
      }
    },
    api: () => ({
      serverInfo: () => serverInfo({ network: httpNetwork }, options.serverUrl),
      checkInvite: (invite) => checkInvite({ network: httpNetwork }, options.serverUrl, invite),
      requestEmailCode: (email) => requestEmailCode({ network: httpNetwork }, options.serverUrl, email),
      async register(registration) {
        const into = await emptyPorts()
        cancelLinking()
        const made = await createDevice(into, { ...registration, serverUrl: options.serverUrl, deviceClass: "web" })
        await takeNew(made)
        // Its owner tells it from others by this, and may change it. Without it the list says what kind of device it is.
        await made.renameDevice((await made.account()).deviceId, deviceName).catch(() => undefined)
      },
      async linkDevice(how) {
        if ("code" in how) readCode(how.code)
        cancelLinking()
        const turn = linkingTurn
        const into = await emptyPorts()
        // Somebody may have gone elsewhere while the store was opened.
        if (turn === linkingTurn) beginLinking(into, how)
      },
      async recover({ handle, words }) {
        const into = await emptyPorts()
        cancelLinking()
        const made = await recoverAccount(into, { serverUrl: options.serverUrl, handle, words, deviceClass: "web", deviceName })
        await takeNew(made)
        // Who has just typed the words has them.
        await made.confirmRecovery(words.map((word, at) => ({ at, word }))).catch(() => undefined)
      },
      checkWords: async (words) => checkWords((await emptyPorts()).crypto, words),
      cancelLinkDevice: async () => cancelLinking(),
      saveBackup: () => archiveFile(opened()),
      previewFile: (file) => opened().archives.open(archiveOf(file)),
      async restoreFile(file, options) {
        await opened().archives.restore(archiveOf(file), options)
      },
      sendFile: (chatId, { content, ...file }) =>
        opened().files.send(chatId, { ...file, size: content.size, content: () => piecesOf(content) }),
      async openFile(chatId, messageId) {
        const { name, content } = await opened().files.open(chatId, messageId)
        return { name, content: await blobOf(content()) }
      },
      async erase() {
        await release()
        await destroyStoreKey()
        await eraseDatabase(storeName)
        options.state({ status: "empty" })
      },
      ...device,
    }),
  }
}
