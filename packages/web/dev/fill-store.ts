// For benchmarks. Runs in a page of the app's origin while the app is closed, and fills the store of the device that is registered there.

import { type LargeStore, fillStore, seeded } from "@nodoor/client/fixtures"
import { browserPorts, openBrowserStore } from "@nodoor/client/browser"
import { readStoreKey } from "../src/host/store-key.ts"

if ("document" in globalThis) {
  // The file system handles of the store are there in workers only.
  const worker = new Worker("/seed.js", { type: "module" })
  const answered = new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<string>) => (event.data === "done" ? resolve(event.data) : reject(new Error(event.data)))
    worker.onerror = (event) => reject(new Error(event.message))
  })
  Object.assign(globalThis, {
    measure: (size: unknown) => {
      worker.postMessage(size)
      return answered
    },
  })
} else {
  self.onmessage = (event: MessageEvent<LargeStore>) => {
    fill(event.data).then(
      () => self.postMessage("done"),
      (error: unknown) => self.postMessage(String(error)),
    )
  }
}

async function fill(size: LargeStore): Promise<void> {
  const stored = await readStoreKey()
  if (stored === undefined) throw new TypeError("no device was registered here")
  const { database } = await openBrowserStore({ name: "device", key: stored.key })
  const { crypto } = await browserPorts("device", database)
  await fillStore(database, { crypto, chance: seeded(200) }, size)
  await database.close()
}
