// Prosody on a folder of its own, with its own storage.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Peer, freePort, startServerOn, versionOf } from "./peer.ts"

export function prosody({ archive }: { readonly archive: boolean }): Peer {
  return {
    name: archive ? "Prosody with its archive" : "Prosody",
    version: versionOf("dpkg-query", ["-W", "prosody"], /\t([\d.]+)/),
    start: async (folder) => {
      mkdirSync(join(folder, "data"), { recursive: true })
      const port = await freePort()
      const config = join(folder, "prosody.cfg.lua")
      writeFileSync(config, configuration(folder, port, archive))
      return startServerOn(port, { protocol: "xmpp", port }, "prosody", ["--config", config, "-F", "--root"], { cwd: folder })
    },
  }
}

function configuration(folder: string, port: number, archive: boolean): string {
  return `run_as_root = true
daemonize = false
data_path = "${join(folder, "data")}"
pidfile = "${join(folder, "prosody.pid")}"
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_direct_tls_ports = {}
s2s_ports = {}
http_ports = {}
https_ports = {}
modules_enabled = { "roster", "saslauth", "disco", "register_ibr", "ping", "offline", "smacks"${archive ? ', "mam"' : ""} }
modules_disabled = { "s2s", "limits" }
allow_registration = true
registration_throttle_max = 1000000
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
log = { error = "${join(folder, "prosody.err")}" }
VirtualHost "localhost"
Component "conference.localhost" "muc"
  restrict_room_creation = false
  muc_room_locking = false
`
}
