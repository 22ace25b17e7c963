// One device in Node: native cryptography, an encrypted SQLite file, HTTP and WebSocket over connections of four classes.

import { randomBytes } from "node:crypto"
import { nodeProvider } from "@nodoor/mls/node"
import type { Database, Network, Ports } from "../core/ports.ts"
import { bucketNetwork } from "./bucket-network.ts"
import { blindSignatures } from "./blind-signatures.ts"
import { type NodeNetwork, nodeNetwork } from "./node-network.ts"
import { openDatabase } from "./sqlite-node.ts"

export { type NodeNetwork, nodeNetwork } from "./node-network.ts"
export { databaseOn } from "./connection.ts"
export { openDatabase, openMemoryDatabase } from "./sqlite-node.ts"

/** Ports for a store that is open already. */
export function nodePorts(database: Database, network: Network = nodeNetwork()): Ports {
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
  }
}

/** Ports with the encrypted store at `path`. `key`: 32 bytes, kept by the caller. @throws ClientError `store_unreadable` */
export async function openNodePorts(
  store: { readonly path: string; readonly key: Uint8Array },
  network: Network = nodeNetwork(),
): Promise<Ports> {
  return nodePorts(await openDatabase(store), network)
}
