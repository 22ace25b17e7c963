// Mosquitto with persistence, as it is installed: it saves every 30 minutes and when it ends.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Peer, freePort, startServerOn, versionOf } from "./peer.ts"

export function mosquitto(): Peer {
  return {
    name: "mosquitto",
    version: versionOf("mosquitto", ["-h"], /mosquitto version ([\d.]+)/),
    start: async (folder) => {
      mkdirSync(folder, { recursive: true })
      const port = await freePort()
      const config = join(folder, "mosquitto.conf")
      const lines = [
        `listener ${port} 127.0.0.1`,
        "allow_anonymous true",
        "user root",
        "persistence true",
        `persistence_location ${folder}/`,
      ]
      const limits = ["max_queued_messages 0", "max_inflight_messages 0", "set_tcp_nodelay true", "log_type none"]
      writeFileSync(config, [...lines, ...limits, ""].join("\n"))
      return startServerOn(port, { protocol: "mqtt", port }, "mosquitto", ["-c", config], { cwd: folder })
    },
  }
}
