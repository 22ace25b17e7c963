// The key of the encrypted store in this browser: 32 random bytes, kept in IndexedDB wrapped by an AES key that the browser does not
// hand out. What that gives: the store's file is worthless without the browser's own key storage, and destroying one small record destroys
// everything. What it does not: whoever has the whole browser profile, or runs code as this site, can open the store as this site does.

import { HostError } from "./host.ts"
import { hostText } from "../text/host-text.ts"

const databaseName = "nodoor"
const storeName = "store-key"
const recordName = "key"
const channelRecord = "channel"
const keepsNothing = hostText.noKeyStorage
const keyBytes = 32
const ivBytes = 12

interface KeyRecord {
  readonly wrapping: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly wrapped: ArrayBuffer
  /** Whether an account was created in the store. If it was, a store without one means loss, not a new start. */
  readonly registered: boolean
}

export interface StoreKey {
  readonly key: Uint8Array
  readonly registered: boolean
}

/** Undefined if this browser holds none. @throws HostError `store_unreadable` if the record does not open */
export async function readStoreKey(): Promise<StoreKey | undefined> {
  const record = await inStore("readonly", (store) => store.get(recordName) as IDBRequest<KeyRecord | undefined>)
  if (record === undefined) return undefined
  try {
    const key = await crypto.subtle.decrypt({ name: "AES-GCM", iv: record.iv }, record.wrapping, record.wrapped)
    return { key: new Uint8Array(key), registered: record.registered }
  } catch {
    throw new HostError("store_unreadable", hostText.keyUnreadable)
  }
}

/** Creates and stores a new key. It replaces an earlier one. */
export async function makeStoreKey(): Promise<StoreKey> {
  const made = { key: crypto.getRandomValues(new Uint8Array(keyBytes)), registered: false }
  const record = await wrap(made)
  await inStore("readwrite", (store) => store.put(record, recordName))
  return made
}

async function wrap({ key, registered }: StoreKey): Promise<KeyRecord> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes))
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, key as Uint8Array<ArrayBuffer>)
  return { wrapping, iv, wrapped, registered }
}

/** Restores the key and the name of the tabs' channel if the browser has deleted them. True if anything was missing. */
export async function keepRecords(known: StoreKey, channel: string): Promise<boolean> {
  const missing = await inStore("readonly", (store) => store.count()).then((records) => records < 2)
  if (!missing) return false
  const record = await wrap(known)
  await inStore("readwrite", (store) => store.put(record, recordName))
  await inStore("readwrite", (store) => store.put(channel, channelRecord))
  return true
}

/** Notes that the store holds an account from now on. */
export async function markRegistered(): Promise<void> {
  const record = await inStore("readonly", (store) => store.get(recordName) as IDBRequest<KeyRecord | undefined>)
  if (record !== undefined) await inStore("readwrite", (store) => store.put({ ...record, registered: true }, recordName))
}

export async function destroyStoreKey(): Promise<void> {
  await inStore("readwrite", (store) => store.delete(recordName))
}

/** The random part of the name of the tabs' channel. The first tab that asks draws it. */
export async function channelSecret(): Promise<string> {
  const known = await inStore("readonly", (store) => store.get(channelRecord) as IDBRequest<string | undefined>)
  if (known !== undefined) return known
  // `add` fails if another tab was faster.
  await inStore("readwrite", (store) => store.add(crypto.randomUUID(), channelRecord)).catch(() => undefined)
  const drawn = await inStore("readonly", (store) => store.get(channelRecord) as IDBRequest<string | undefined>)
  if (drawn === undefined) throw new HostError("store_unreadable", keepsNothing)
  return drawn
}

function inStore<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new HostError("store_unreadable", keepsNothing))
    const opening = indexedDB.open(databaseName, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName)
    opening.onerror = fail
    opening.onsuccess = () => {
      const database = opening.result
      const transaction = database.transaction(storeName, mode, { durability: "strict" })
      const request = run(transaction.objectStore(storeName))
      transaction.oncomplete = () => {
        database.close()
        resolve(request.result)
      }
      transaction.onabort = () => {
        database.close()
        fail()
      }
    }
  })
}
