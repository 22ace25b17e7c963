// A real server in a process of its own, for benchmarks that measure its memory or kill it. Argument: the data directory.

import process from "node:process"
import { startServer } from "@nodoor/server"

const endless = { burst: 1e12, perSecond: 1e12 }
const server = await startServer({
  dataDir: process.argv[2] as string,
  log: (line) => void process.stderr.write(line),
  rates: { register: endless, session: endless, lookup: endless, device: endless },
  deliveryRates: { open: endless, address: endless, group: endless },
  deliveryBudgets: { posts: 0xffff_ffff, groups: 0xffff_ffff },
})
process.on("message", (message) => {
  if (message === "collect") {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    process.send?.({ liveBytes: heapUsed + external })
  }
})
process.on("disconnect", () => void server.stop().then(() => process.exit(0)))
process.send?.({ url: server.url, origin: server.origin })
