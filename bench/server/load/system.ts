// What a load generator can do with any system that delivers messages. Posts of one lane are counted, not looked at: every system keeps their
// order. A body is 256 bytes of text that begins with its number.

export const bodyBytes = 256
const digits = 10

export interface Hooks {
  /** The device of that number has so many more posts of the lane. */
  readonly arrived: (lane: number, device: number, count: number) => void
  /** The server has answered for so many more of them: it has taken them over. */
  readonly answered: (lane: number, count: number) => void
}

/** One sender's way to one or more devices. */
export interface Lane {
  /** Sends the next so many posts, in one write where the protocol can. */
  send(count: number): void
}

/** A system under load, as one client process sees it. */
export interface System {
  /** Whether posts to connected devices are answered. XMPP does not: there a post is done when the other device has it. */
  readonly answers: boolean
  /** Pairs of connected devices, one lane each. */
  pairs(count: number, hooks: Hooks): Promise<readonly Lane[]>
  /** A group of so many connected devices; the first is the sender. */
  group(size: number, hooks: Hooks): Promise<Lane>
  /** Lanes to devices that are known and not connected; here every post is answered. */
  absent(count: number, hooks: Hooks): Promise<readonly Lane[]>
  /** The device of that lane comes and reads; the numbers of the posts are handed over as they come. */
  fetch(lane: number, took: (numbers: readonly number[]) => void): Promise<void>
  /** The server was started again, at another port. */
  moveTo(port: number): void
  /** Closes every connection. */
  close(): void
}

/** The body of the post with that number, written at a place. */
export function writeBody(into: Buffer, at: number, number: number): void {
  filler.copy(into, at)
  into.write(String(number).padStart(digits, "0"), at, digits, "latin1")
}

export function numberOf(bytes: Buffer, at: number): number {
  return Number(bytes.toString("latin1", at, at + digits))
}

const filler = Buffer.alloc(bodyBytes, "abcdefghijklmnopqrstuvwxyz")
