// A WebSocket client (RFC 6455) over a plain connection that costs a load generator as little as it can: its mask is zero, so that nothing
// needs to be masked, and frames are handed over where they stand.

import { openLine } from "./line.ts"

export interface Stream {
  /** Sends one binary message of the parts. */
  send(...parts: readonly Buffer[]): void
  /** Takes each message; what it is given is only good until it returns. */
  take(run: (message: Buffer) => void): void
  close(): void
}

export async function openStream(port: number, path: string): Promise<Stream> {
  const line = await openLine(port)
  const { socket } = line
  const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, "Upgrade: websocket", "Connection: Upgrade"]
  socket.write([...lines, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13", "", ""].join("\r\n"))
  const answer = await line.until("\r\n\r\n")
  if (!answer.includes(" 101 ")) throw new TypeError(`no stream: ${answer.slice(0, 100)}`)
  let rest = Buffer.alloc(0)
  return {
    send: (...parts) => {
      const head = headOf(parts.reduce((sum, { length }) => sum + length, 0))
      socket.cork()
      socket.write(head)
      for (const part of parts) socket.write(part)
      socket.uncork()
    },
    take: (run) => {
      line.take((chunk) => {
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        let at = 0
        for (;;) {
          const frame = frameAt(bytes, at)
          if (frame === undefined) break
          if ((bytes[at] as number) === 0x82) run(bytes.subarray(frame.from, frame.to))
          else if (((bytes[at] as number) & 0x0f) === 9) socket.write(Buffer.of(0x8a, 0x80, 0, 0, 0, 0))
          at = frame.to
        }
        rest = at === bytes.length ? empty : Buffer.from(bytes.subarray(at))
      })
    },
    close: () => void socket.destroy(),
  }
}

const empty = Buffer.alloc(0)

function headOf(length: number): Buffer {
  if (length < 126) return Buffer.of(0x82, 0x80 | length, 0, 0, 0, 0)
  const long = length > 0xffff
  const head = Buffer.alloc(long ? 14 : 8)
  head[0] = 0x82
  head[1] = 0x80 | (long ? 127 : 126)
  if (long) head.writeBigUInt64BE(BigInt(length), 2)
  else head.writeUInt16BE(length, 2)
  return head
}

/** Where the payload of the frame at a place stands; undefined while it has not all come. Servers do not mask. */
function frameAt(bytes: Buffer, at: number): { readonly from: number; readonly to: number } | undefined {
  if (at + 2 > bytes.length) return undefined
  const short = (bytes[at + 1] as number) & 0x7f
  const from = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (from > bytes.length) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  return from + length > bytes.length ? undefined : { from, to: from + length }
}
