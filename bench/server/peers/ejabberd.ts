// ejabberd, started by Erlang itself on a folder of its own. Limits that only slow a load generator down are lifted; the rest is as installed.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Peer, freePort, startServerOn } from "./peer.ts"

const libraries = "/usr/lib"

export function ejabberd({ archive }: { readonly archive: boolean }): Peer {
  const found = findLibrary()
  return {
    name: archive ? "ejabberd with its archive" : "ejabberd",
    version: found?.version,
    start: async (folder) => {
      mkdirSync(join(folder, "mnesia"), { recursive: true })
      const port = await freePort()
      const config = join(folder, "ejabberd.yml")
      writeFileSync(config, configuration(port, archive))
      const args = ["-noinput", "-pa", `${found?.path}/ebin`, "+K", "true", "+P", "250000", "-mnesia", "dir", `"${join(folder, "mnesia")}"`]
      const env = {
        ...process.env,
        EJABBERD_CONFIG_PATH: config,
        EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
        ERL_LIBS: libraries,
        HOME: folder,
      }
      return startServerOn(port, { protocol: "xmpp", port }, erlang(), [...args, "-s", "ejabberd"], { env, cwd: folder })
    },
  }
}

/** The emulator itself: `erl` is a script that would be killed in its place. */
function erlang(): string {
  return "/usr/bin/erl"
}

function findLibrary(): { readonly path: string; readonly version: string } | undefined {
  for (const parent of ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/ejabberd", "/usr/lib"]) {
    if (!existsSync(parent)) continue
    for (const name of readdirSync(parent)) {
      const version = /^ejabberd-(\d+\.\d+)/.exec(name)?.[1]
      if (version !== undefined && existsSync(join(parent, name, "ebin", "ejabberd.beam"))) return { path: join(parent, name), version }
    }
  }
  return undefined
}

function configuration(port: number, archive: boolean): string {
  return `hosts: [localhost]
loglevel: error
auth_method: internal
auth_password_format: plain
registration_timeout: infinity
acl:
  loopback:
    ip: [127.0.0.0/8, "::1/128"]
access_rules:
  everybody:
    allow: all
shaper:
  normal: 1000000000
shaper_rules:
  max_user_sessions: 100
  max_user_offline_messages: infinity
  c2s_shaper: none
listen:
  -
    port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    shaper: none
    access: everybody
    starttls: false
modules:
  mod_register:
    ip_access: everybody
    access: everybody
    welcome_message: {}
  mod_disco: {}
  mod_ping: {}
  mod_roster: {}
  mod_stream_mgmt: {}
  mod_offline:
    access_max_user_messages: max_user_offline_messages
  mod_muc:
    access_create: everybody
    max_users: 1000
    max_user_conferences: 1000
    min_message_interval: 0
    default_room_options:
      mam: ${archive}
      max_users: 1000
${archive ? "  mod_mam:\n    default: always\n    assume_mam_usage: true\n" : ""}`
}
