// IP addresses: one spelling for each, and which of them count as one caller.

/** An IPv4 address that came over an IPv6 socket, as IPv4; anything else as it is, without a zone. */
export function plainAddress(address: string): string {
  const withoutZone = address.split("%")[0] as string
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(withoutZone) ? withoutZone.slice(7) : withoutZone.toLowerCase()
}

/** One household has one IPv4 address or one IPv6 /64: what rate limits count by. */
export function callerOf(address: string): string {
  if (!address.includes(":")) return address
  const [front = "", back] = address.split("::")
  const head = front.split(":").filter((part) => part !== "")
  const tail = back?.split(":").filter((part) => part !== "") ?? []
  const zeros = back === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0")
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`
}

/** Whether only this machine can reach or be the address. */
export function isLoopback(address: string): boolean {
  return address === "::1" || address === "[::1]" || address === "localhost" || /^127\.\d+\.\d+\.\d+$/.test(address)
}

/** Whether an origin (`host` or `host:port`) is a name of one's own machine. */
export function isLoopbackOrigin(origin: string): boolean {
  return isLoopback(origin.replace(/:\d+$/, ""))
}
