// Which address a request came from, when trusted proxies may stand in between.

import type { IncomingMessage } from "node:http"
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net"
import { WireError } from "@nodoor/wire"
import { plainAddress } from "../core/address.ts"
import type { Log } from "../core/ports.ts"

export interface ClientAddress {
  /** @throws WireError `proxy_unreadable` if a trusted proxy says who the caller is in a form that cannot be read: it is never taken for the caller */
  of(incoming: IncomingMessage): string
  /** The request carries marks of a proxy, trusted or not. */
  forwarded(incoming: IncomingMessage): boolean
  /** Whether the configuration names the address as a proxy. */
  isProxy(address: string): boolean
}

const toldEveryMs = 60_000

/** `trustedProxies`: addresses or subnets in CIDR notation, checked by the configuration. */
export function createClientAddress(trustedProxies: readonly string[], log: Log): ClientAddress {
  const list = new BlockList()
  for (const entry of trustedProxies) {
    const [address = "", bits] = entry.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  const trusted = (address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
  const forwarded = (incoming: IncomingMessage): boolean =>
    ["x-forwarded-for", "forwarded", "x-real-ip", "via"].some((name) => incoming.headers[name] !== undefined)
  let toldAtMs = -Infinity
  const unreadable = (): never => {
    // Each request of such a proxy comes here.
    if (performance.now() - toldAtMs > toldEveryMs) {
      toldAtMs = performance.now()
      log("warn", "forwarded_for_unreadable")
    }
    throw new WireError("proxy_unreadable", "the proxy in front of this server sent a caller address that can't be read")
  }
  return {
    forwarded,
    isProxy: trusted,
    of: (incoming) => {
      const peer = plainAddress(incoming.socket.remoteAddress ?? "0.0.0.0")
      if (!trusted(peer)) return peer
      const header = incoming.headers["x-forwarded-for"]
      // Either a program on the proxy's machine asks for itself, or the proxy names itself and hides the caller.
      if (header === undefined) return forwarded(incoming) ? unreadable() : peer
      // Each proxy appends the address it saw. Only entries that trusted proxies appended are true.
      let first = peer
      for (const entry of [header].flat().join(",").split(",").reverse()) {
        first = forwardedAddress(entry.trim()) ?? unreadable()
        if (!trusted(first)) return first
      }
      return first
    },
  }
}

/** `192.0.2.1`, `192.0.2.1:51234`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:443`, in the one spelling of the address. */
function forwardedAddress(entry: string): string | undefined {
  const [, six, , four] = /^\[([0-9a-f:.]+)\](:\d{1,5})?$|^([\d.]+):\d{1,5}$/i.exec(entry) ?? []
  const address = six ?? four ?? entry
  if (isIPv4(address)) return six === undefined ? address : undefined
  if (!isIPv6(address) || address.includes("%")) return undefined
  return plainAddress(spelledByUrl(address))
}

/** Two spellings of an IPv6 address must not count as two callers. */
function spelledByUrl(address: string): string {
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain)
  if (mapped === null) return plain
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}
