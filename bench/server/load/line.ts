// A plain TCP connection to a server on this machine.

import { type Socket, connect } from "node:net"

export interface Line {
  readonly socket: Socket
  /** Replaces what takes the bytes that come. */
  take(run: (chunk: Buffer) => void): void
  /** Collects until the text has come, and returns everything before and with it. Only before `take`. */
  until(text: string): Promise<string>
}

export async function openLine(port: number): Promise<Line> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve)
    socket.once("error", reject)
  })
  socket.on("error", () => {})
  let run: ((chunk: Buffer) => void) | undefined
  let heard = ""
  let wanted: { readonly text: string; readonly found: PromiseWithResolvers<string> } | undefined
  const look = (): void => {
    const at = wanted === undefined ? -1 : heard.indexOf(wanted.text)
    if (wanted === undefined || at === -1) return
    const end = at + wanted.text.length
    const { found } = wanted
    wanted = undefined
    found.resolve(heard.slice(0, end))
    heard = heard.slice(end)
  }
  socket.on("data", (chunk: Buffer) => {
    if (run !== undefined) return run(chunk)
    heard += chunk.toString("latin1")
    look()
  })
  socket.on("close", () => wanted?.found.reject(new TypeError(`the connection was closed before ${wanted.text}: ${heard.slice(-300)}`)))
  return {
    socket,
    take: (next) => {
      run = next
      if (heard !== "") next(Buffer.from(heard, "latin1"))
      heard = ""
    },
    until: (text) => {
      const found = Promise.withResolvers<string>()
      wanted = { text, found }
      look()
      return found.promise
    },
  }
}
