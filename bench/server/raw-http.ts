// Posts as bytes on a plain socket, so that a load generator on the same machine costs as little as it can.

import { type Socket, connect } from "node:net"

export interface RawConnection {
  /** Sends one request; resolves with the HTTP status. One at a time. */
  post(bytes: Uint8Array): Promise<number>
  close(): void
}

/** The whole request for a path, ready to be written. */
export function requestBytes(path: string, body: Uint8Array): Uint8Array {
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/cbor\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve)
    socket.once("error", reject)
  })
  let heard = ""
  let waiting: PromiseWithResolvers<number> | undefined
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1")
    const end = heard.indexOf("\r\n\r\n")
    if (end === -1) return
    const length = Number(/content-length: (\d+)/i.exec(heard)?.[1])
    if (heard.length < end + 4 + length) return
    const status = Number(heard.slice(9, 12))
    heard = heard.slice(end + 4 + length)
    waiting?.resolve(status)
  })
  const lost = (): void => waiting?.reject(new TypeError("the connection was lost"))
  socket.on("error", lost)
  socket.on("close", lost)
  return {
    post: (bytes) => {
      waiting = Promise.withResolvers()
      // Whoever does not wait for the answer of a server that is being killed is not to be told of it.
      waiting.promise.catch(() => {})
      socket.write(bytes)
      return waiting.promise
    },
    close: () => void socket.destroy(),
  }
}
