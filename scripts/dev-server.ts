// The server of `npm run dev`, started anew by node whenever one of its files changes.

import process from "node:process"
import { startServer } from "@nodoor/server"

const { NODOOR_DATA: dataDir = ".data/dev", NODOOR_ORIGIN: origin = "localhost:5180", PORT: port = "5181" } = process.env
const server = await startServer({ dataDir, port: Number(port), config: { origin } })
const [invite] = await server.createInvites({ count: 1, days: 7, uses: 20, label: "dev", only: true })
process.stdout.write(`
  App:      http://${origin}
  Invite:   http://${origin}/i/${invite}
  Console:  http://${origin}/operator
  Data:     ${dataDir}

`)
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void server.stop().then(() => process.exit(0)))
