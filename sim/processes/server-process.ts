// A real server in a process of its own, to be killed. Arguments: the data directory, the port (0 for any).

import process from "node:process"
import { startServer } from "@nodoor/server"

const [dataDir = "", port = "0"] = process.argv.slice(2)
const endless = { burst: 1e12, perSecond: 1e12 }
const server = await startServer({
  dataDir,
  port: Number(port),
  log: () => {},
  rates: { register: endless, session: endless, lookup: endless, device: endless },
  deliveryRates: { open: endless, address: endless, group: endless },
})
process.on("disconnect", () => void server.stop().then(() => process.exit(0)))
process.send?.({ url: server.url, port: server.port })
