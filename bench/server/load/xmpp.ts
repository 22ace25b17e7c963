// XMPP as far as a load generator needs it (RFC 6120, 6121, XEP-0045, XEP-0077, XEP-0198), without TLS.

import { type Line, openLine } from "./line.ts"
import { type Hooks, type Lane, type System, bodyBytes, numberOf, writeBody } from "./system.ts"

const host = "localhost"
const header = `<?xml version='1.0'?><stream:stream to='${host}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`
const messageEnd = "</message>"
const bodyStart = Buffer.from("<body>")

/** A name is never used twice, whatever servers and runs it is for. */
let people = 0

export class Xmpp implements System {
  readonly answers = false
  #port: number
  readonly #lines: Line[] = []
  /** Names of the devices that `absent` made. */
  #absent: string[] = []

  constructor(port: number) {
    this.#port = port
  }

  async pairs(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const [a, b] = [await this.#signUp(), await this.#signUp()]
      const [from, to] = [await this.#signIn(a), await this.#signIn(b)]
      from.take(() => {})
      takeMessages(to, (messages) => hooks.arrived(lane, 1, messages))
      lanes.push(new XmppLane(from, `<message type='chat' to='${b}@${host}/bench'><body>`))
    }
    return lanes
  }

  async group(size: number, hooks: Hooks): Promise<Lane> {
    const room = `room${people}@conference.${host}`
    const lines: Line[] = []
    let ready = false
    for (let device = 0; device < size; device++) {
      const line = await this.#signIn(await this.#signUp())
      line.socket.write(
        `<presence to='${room}/nick${device}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
      )
      await line.until("code='110'").catch(() => {})
      lines.push(line)
    }
    // Presences and subjects of joining end before anything is counted.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    for (const [device, line] of lines.entries()) takeMessages(line, (count) => void (ready && hooks.arrived(0, device, count)))
    ready = true
    return new XmppLane(lines[0] as Line, `<message type='groupchat' to='${room}'><body>`)
  }

  async absent(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const [a, b] = [await this.#signUp(), await this.#signUp()]
      this.#absent.push(b)
      const from = await this.#signIn(a)
      from.socket.write("<enable xmlns='urn:xmpp:sm:3'/>")
      await from.until("<enabled")
      takeAnswers(from, (answered) => hooks.answered(lane, answered))
      lanes.push(new XmppLane(from, `<message type='chat' to='${b}@${host}'><body>`, "<r xmlns='urn:xmpp:sm:3'/>"))
    }
    return lanes
  }

  async fetch(lane: number, took: (numbers: readonly number[]) => void): Promise<void> {
    const line = await this.#signIn(this.#absent[lane] as string, { present: false })
    takeMessages(line, (_count, whole) => took(numbersIn(whole)), { whole: true })
    line.socket.write("<presence/>")
  }

  moveTo(port: number): void {
    this.#port = port
  }

  close(): void {
    for (const { socket } of this.#lines) socket.destroy()
    this.#lines.length = 0
  }

  async #signUp(): Promise<string> {
    const name = `u${process.pid}x${people++}`
    const line = await openLine(this.#port)
    line.socket.write(header)
    await line.until("</stream:features>")
    line.socket.write(
      `<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>${name}</username><password>secret</password></query></iq>`,
    )
    const answer = (await line.until("id='reg'")) + (await line.until(">"))
    line.socket.destroy()
    if (answer.includes("type='error'")) throw new TypeError(`not registered: ${answer.slice(-300)}`)
    return name
  }

  async #signIn(name: string, { present = true }: { readonly present?: boolean } = {}): Promise<Line> {
    const line = await openLine(this.#port)
    this.#lines.push(line)
    const { socket } = line
    socket.write(header)
    await line.until("</stream:features>")
    const plain = Buffer.from(`\0${name}\0secret`).toString("base64")
    socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`)
    await line.until("<success")
    socket.write(header)
    await line.until("</stream:features>")
    socket.write("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>")
    await line.until("</iq>")
    if (present) socket.write("<presence/>")
    return line
  }
}

class XmppLane implements Lane {
  readonly #line: Line
  readonly #before: Buffer
  readonly #after: Buffer
  readonly #last: Buffer
  #next = 0

  constructor(line: Line, before: string, last = "") {
    this.#line = line
    this.#before = Buffer.from(before)
    this.#after = Buffer.from(`</body>${messageEnd}`)
    this.#last = Buffer.from(last)
  }

  send(count: number): void {
    const each = this.#before.length + bodyBytes + this.#after.length
    const out = Buffer.allocUnsafe(each * count + this.#last.length)
    for (let i = 0, at = 0; i < count; i++) {
      at += this.#before.copy(out, at)
      writeBody(out, at, this.#next++)
      at += bodyBytes
      at += this.#after.copy(out, at)
    }
    this.#last.copy(out, each * count)
    this.#line.socket.write(out)
  }
}

/** Counts the messages that are whole; hands over their text only if asked to. */
function takeMessages(line: Line, took: (count: number, whole: Buffer) => void, { whole = false } = {}): void {
  let rest = Buffer.alloc(0)
  line.take((chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let [count, end] = [0, 0]
    for (let at = bytes.indexOf(messageEnd, 0, "latin1"); at !== -1; at = bytes.indexOf(messageEnd, end, "latin1")) {
      count++
      end = at + messageEnd.length
    }
    // What follows may be the beginning of the next one.
    rest = Buffer.from(bytes.subarray(whole ? end : Math.max(end, bytes.length - messageEnd.length + 1)))
    if (count > 0) took(count, bytes.subarray(0, end))
  })
}

function numbersIn(bytes: Buffer): number[] {
  const numbers: number[] = []
  for (let at = bytes.indexOf(bodyStart); at !== -1; at = bytes.indexOf(bodyStart, at + 1))
    numbers.push(numberOf(bytes, at + bodyStart.length))
  return numbers
}

/** Follows `<a h='…'/>`: how many stanzas the server has taken over (XEP-0198 §4). It is asked after every write. */
function takeAnswers(line: Line, answered: (count: number) => void): void {
  let known = 0
  let rest = ""
  line.take((chunk) => {
    const text = rest + chunk.toString("latin1")
    let end = 0
    for (const match of text.matchAll(/<a [^>]*h=['"](\d+)['"][^>]*>/g)) {
      const now = Number(match[1])
      if (now > known) answered(now - known)
      known = Math.max(known, now)
      end = match.index + match[0].length
    }
    rest = text.slice(Math.max(end, text.length - 200))
  })
}
