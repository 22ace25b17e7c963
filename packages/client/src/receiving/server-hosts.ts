// Under which names the server's streams are: what it said last. It is asked again every day, and when no stream can be opened, because an operator
// may move them. An answer moves the streams and nothing else; one that is for another server, or no name of a host, changes nothing.

import { WireError, type ServerInfo, serverInfo } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import { type OwnDevice, streamUrl } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Network, StreamKind } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import { setServerHosts } from "../store/device.ts"

type Hosts = Pick<ServerInfo, "readHost" | "postHost">

const kind = "server-hosts"
const dayMs = 86_400_000
/** Streams that could not be opened, one after the other, before the server is asked. */
const failuresMax = 3
const afterFailuresMs = 600_000

export interface ServerHostsParts {
  readonly own: Pick<OwnDevice, "serverUrl" | "server" | "origin">
  readonly network: Pick<Network, "call">
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Pick<Transactions, "run">
}

export class ServerHosts implements Part {
  readonly #parts: ServerHostsParts
  #hosts: Hosts
  #isAsked = false

  constructor(parts: ServerHostsParts) {
    this.#parts = parts
    this.#hosts = parts.own.server
    parts.jobs.register({ kind, backoff: { firstMs: 60_000, lastMs: afterFailuresMs }, run: () => this.#ask() })
  }

  url(stream: StreamKind): string {
    return streamUrl({ serverUrl: this.#parts.own.serverUrl, server: this.#hosts }, stream)
  }

  /** `inARow`: how often a stream could not be opened, or was lost at once. */
  failed(inARow: number): void {
    if (inARow < failuresMax || this.#isAsked) return
    this.#isAsked = true
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind, inMs: dayMs, keepSooner: true })
  }

  offline(): void {}

  close(): void {}

  async #ask(): Promise<JobEnd> {
    const { own, network, transactions } = this.#parts
    try {
      const { origin, readHost, postHost } = await network.call(own.serverUrl, serverInfo, {})
      const hosts = { ...(readHost !== undefined && { readHost }), ...(postHost !== undefined && { postHost }) }
      const isSame = hosts.readHost === this.#hosts.readHost && hosts.postHost === this.#hosts.postHost
      if (origin === own.origin && !isSame && Object.values(hosts).every(isHost)) {
        await transactions.run((tx) => setServerHosts(tx, hosts))
        this.#hosts = hosts
      }
    } catch (error) {
      if (!(error instanceof WireError || error instanceof NetworkError)) throw error
      // While streams fail, the account service may be away as well.
      if (this.#isAsked) return "failed"
    }
    if (!this.#isAsked) return { againInMs: dayMs }
    this.#isAsked = false
    return { againInMs: afterFailuresMs }
  }
}

/** `host` or `host:port` and nothing that stands before or behind it in an address. */
function isHost(text: string): boolean {
  const url = `https://${text}`
  if (!URL.canParse(url)) return false
  const parsed = new URL(url)
  return parsed.href === `https://${parsed.host}/` && parsed.host === text.toLowerCase()
}
