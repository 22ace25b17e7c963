// One device in Node: native cryptography, an encrypted SQLite file, HTTP and WebSocket over connections of four classes.

import { randomBytes } from "node:crypto"
import { webMediaCrypto } from "@nodoor/media/web-crypto"
import { nodeProvider } from "@nodoor/mls/node"
import type { Database, Files, Network, Ports } from "../core/ports.ts"
import { bucketNetwork } from "./bucket-network.ts"
import { blindSignatures } from "./blind-signatures.ts"
import { memoryFiles } from "./memory-files.ts"
import { nodeFiles } from "./node-files.ts"
import { type NodeNetwork, nodeNetwork } from "./node-network.ts"
import { openDatabase } from "./sqlite-node.ts"

export { type NodeNetwork, nodeNetwork } from "./node-network.ts"
export { memoryFiles } from "./memory-files.ts"
export { databaseOn } from "./connection.ts"
export { openDatabase, openMemoryDatabase } from "./sqlite-node.ts"

/** Ports for a store that is open already. `files`: where photos and files are kept beside it. */
export function nodePorts(database: Database, network: Network = nodeNetwork(), files: Files = memoryFiles()): Ports {
  return {
    clock: { nowMs: () => Date.now() },
    timers: {
      after: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    },
    random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
    crypto: nodeProvider,
    blindSignatures,
    network,
    ...("exchange" in network && { bucket: bucketNetwork((network as NodeNetwork).exchange) }),
    database,
    mediaCrypto: webMediaCrypto,
    files,
  }
}

/** Ports with the encrypted store at `path`, and the folder `path` + ".files" beside it. `key`: 32 bytes, kept by the caller. @throws ClientError `store_unreadable` */
export async function openNodePorts(
  store: { readonly path: string; readonly key: Uint8Array },
  network: Network = nodeNetwork(),
): Promise<Ports> {
  return nodePorts(await openDatabase(store), network, nodeFiles(`${store.path}.files`))
}
