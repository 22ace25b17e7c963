// MQTT 3.1.1 as far as a load generator needs it: quality of service 1 in both directions.

import { type Line, openLine } from "./line.ts"
import { type Hooks, type Lane, type System, bodyBytes, numberOf, writeBody } from "./system.ts"

const packet = { connect: 0x10, connack: 2, publish: 0x32, puback: 4, subscribe: 0x82, suback: 9 } as const

export class Mqtt implements System {
  readonly answers = true
  #port: number
  readonly #lines: Line[] = []
  #topics = 0
  #absent: string[] = []

  constructor(port: number) {
    this.#port = port
  }

  async pairs(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const topic = this.#topic()
      await this.#subscribe(topic, `to-${topic}`, ({ length }) => hooks.arrived(lane, 1, length))
      lanes.push(await this.#publisher(topic, (answered) => hooks.answered(lane, answered)))
    }
    return lanes
  }

  async group(size: number, hooks: Hooks): Promise<Lane> {
    const topic = this.#topic()
    for (let device = 0; device < size; device++)
      await this.#subscribe(topic, `to-${topic}-${device}`, ({ length }) => hooks.arrived(0, device, length))
    return this.#publisher(topic, (answered) => hooks.answered(0, answered))
  }

  async absent(count: number, hooks: Hooks): Promise<readonly Lane[]> {
    const lanes: Lane[] = []
    for (let lane = 0; lane < count; lane++) {
      const topic = this.#topic()
      const subscriber = await this.#subscribe(topic, `to-${topic}`, () => {})
      subscriber.socket.end(Buffer.of(0xe0, 0))
      this.#absent.push(topic)
      lanes.push(await this.#publisher(topic, (answered) => hooks.answered(lane, answered)))
    }
    return lanes
  }

  async fetch(lane: number, took: (numbers: readonly number[]) => void): Promise<void> {
    const topic = this.#absent[lane] as string
    await this.#connect(`to-${topic}`, { clean: false }, (publishes) => took(publishes))
  }

  moveTo(port: number): void {
    this.#port = port
  }

  close(): void {
    for (const { socket } of this.#lines) socket.destroy()
    this.#lines.length = 0
  }

  #topic(): string {
    return `t${process.pid}-${this.#topics++}`
  }

  async #subscribe(topic: string, client: string, took: (numbers: readonly number[]) => void): Promise<Line> {
    const subscribed = Promise.withResolvers<void>()
    const line = await this.#connect(client, { clean: false }, took, () => {}, subscribed.resolve)
    line.socket.write(packetOf(packet.subscribe, Buffer.of(0, 1), text(topic), Buffer.of(1)))
    await subscribed.promise
    return line
  }

  async #publisher(topic: string, answered: (count: number) => void): Promise<Lane> {
    const line = await this.#connect(`from-${topic}`, { clean: true }, () => {}, answered)
    return new MqttLane(line, topic)
  }

  async #connect(
    client: string,
    { clean }: { readonly clean: boolean },
    took: (numbers: readonly number[]) => void,
    answered: (count: number) => void = () => {},
    subscribed: () => void = () => {},
  ): Promise<Line> {
    const line = await openLine(this.#port)
    this.#lines.push(line)
    const connected = Promise.withResolvers<void>()
    takePackets(line, { took, answered, subscribed, connected: connected.resolve })
    line.socket.write(packetOf(packet.connect, text("MQTT"), Buffer.of(4, clean ? 2 : 0, 0, 0), text(client)))
    await connected.promise
    return line
  }
}

class MqttLane implements Lane {
  readonly #line: Line
  readonly #head: Buffer
  #next = 0
  #packetId = 0

  constructor(line: Line, topic: string) {
    this.#line = line
    const whole = packetOf(packet.publish, text(topic), Buffer.alloc(2), Buffer.alloc(bodyBytes))
    this.#head = whole.subarray(0, whole.length - bodyBytes)
  }

  send(count: number): void {
    const each = this.#head.length + bodyBytes
    const out = Buffer.allocUnsafe(each * count)
    for (let i = 0, at = 0; i < count; i++, at += each) {
      this.#head.copy(out, at)
      this.#packetId = (this.#packetId % 65_535) + 1
      out.writeUInt16BE(this.#packetId, at + this.#head.length - 2)
      writeBody(out, at + this.#head.length, this.#next++)
    }
    this.#line.socket.write(out)
  }
}

interface Taken {
  readonly took: (numbers: readonly number[]) => void
  readonly answered: (count: number) => void
  readonly subscribed: () => void
  readonly connected: () => void
}

/** Reads packets, and acknowledges the publishes of each chunk in one write. */
function takePackets(line: Line, { took, answered, subscribed, connected }: Taken): void {
  let rest = Buffer.alloc(0)
  line.take((chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const numbers: number[] = []
    const acks: Buffer[] = []
    let [at, answers] = [0, 0]
    for (;;) {
      const found = lengthAt(bytes, at + 1)
      if (found === undefined || found.body + found.length > bytes.length) break
      const kind = (bytes[at] as number) >> 4
      if (kind === 3) {
        const id = found.body + 2 + bytes.readUInt16BE(found.body)
        acks.push(Buffer.of(0x40, 2, bytes[id] as number, bytes[id + 1] as number))
        numbers.push(numberOf(bytes, id + 2))
      } else if (kind === packet.puback) answers++
      else if (kind === packet.suback) subscribed()
      else if (kind === packet.connack) connected()
      at = found.body + found.length
    }
    rest = Buffer.from(bytes.subarray(at))
    if (acks.length > 0) line.socket.write(Buffer.concat(acks))
    if (numbers.length > 0) took(numbers)
    if (answers > 0) answered(answers)
  })
}

function lengthAt(bytes: Buffer, from: number): { readonly length: number; readonly body: number } | undefined {
  let length = 0
  for (let at = from, shift = 0; at < bytes.length; at++, shift += 7) {
    const byte = bytes[at] as number
    length += (byte & 0x7f) << shift
    if (byte < 0x80) return { length, body: at + 1 }
  }
  return undefined
}

function packetOf(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest < 128 ? rest : (rest & 0x7f) | 0x80)
    if (rest < 128) break
  }
  return Buffer.concat([Buffer.of(first, ...length), body])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}
