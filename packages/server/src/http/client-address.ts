// Which address a request came from, when trusted proxies may stand in between.

import type { IncomingMessage } from "node:http"
import { BlockList, isIP } from "node:net"
import { plainAddress } from "../delivery/address.ts"

export interface ClientAddress {
  of(incoming: IncomingMessage): string
  /** The request carries marks of a proxy that the configuration does not name. */
  unknownProxy(incoming: IncomingMessage): boolean
}

/** `trustedProxies`: addresses or subnets in CIDR notation, checked by the configuration. */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const list = new BlockList()
  for (const entry of trustedProxies) {
    const [address = "", bits] = entry.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  const trusted = (address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
  return {
    of: (incoming) => {
      const peer = plainAddress(incoming.socket.remoteAddress ?? "0.0.0.0")
      if (!trusted(peer)) return peer
      // Each proxy appends who it saw; only what trusted ones appended is true.
      const seen = [incoming.headers["x-forwarded-for"] ?? ""].flat().join(",").split(",")
      for (const entry of seen.reverse()) {
        const address = plainAddress(entry.trim())
        if (isIP(address) === 0) return peer
        if (!trusted(address)) return address
      }
      return peer
    },
    unknownProxy: (incoming) =>
      ["x-forwarded-for", "forwarded", "x-real-ip", "via"].some((name) => incoming.headers[name] !== undefined) &&
      !trusted(plainAddress(incoming.socket.remoteAddress ?? "0.0.0.0")),
  }
}
