import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"
import { deliveryStoreContract } from "../contract/delivery-store-contract.ts"
import { openInProcessDeliveryStore } from "./in-process.ts"
import { openDeliveryStoreThread } from "./thread.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-delivery-"))
after(() => rmSync(directory, { recursive: true }))
let opened = 0
const openThread = (segmentBytes: number) => () => {
  const folder = join(directory, String(opened++))
  const paths = { database: `${folder}.db`, segments: `${folder}-segments` }
  return openDeliveryStoreThread(paths, { log: () => {} }, { segmentBytes })
}

deliveryStoreContract("in the calling thread", async () => openInProcessDeliveryStore(":memory:"))
deliveryStoreContract("in a thread, everything in a segment", openThread(1 << 20))
deliveryStoreContract("in a thread, with a segment for each batch", openThread(1))
