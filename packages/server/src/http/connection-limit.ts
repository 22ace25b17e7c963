// How many connections one caller can have open. A process has a few thousand file descriptors, and everybody needs one.

import type { Server } from "node:http"
import type { Socket } from "node:net"
import { callerOf, isLoopback, plainAddress } from "../core/address.ts"

/** A school or an office behind one IPv4 address, with two or three connections for each person. */
export const connectionsPerCaller = 2_000

/** Refuses further ones. Proxies and this machine are not counted: everybody comes through them. */
export function limitConnections(server: Server, isProxy: (address: string) => boolean, max: number = connectionsPerCaller): void {
  const open = new Map<string, number>()
  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "0.0.0.0")
    if (isLoopback(address) || isProxy(address)) return
    const caller = callerOf(address)
    const count = (open.get(caller) ?? 0) + 1
    if (count > max) return void socket.destroy()
    open.set(caller, count)
    socket.once("close", () => {
      const left = (open.get(caller) ?? 1) - 1
      if (left === 0) open.delete(caller)
      else open.set(caller, left)
    })
  })
}
