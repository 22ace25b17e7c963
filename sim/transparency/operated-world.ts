// A world whose server lies about its key log: production clients, the production server and keeper, and a hand between them.

import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fromHex, toHex } from "@nodoor/bytes"
import type { AlarmView, LinkView, OpenDevice } from "@nodoor/client"
import {
  type BlobCall,
  type BlobReply,
  type Caller,
  type DeliveryHalf,
  type ServerCore,
  type Store,
  createDeliveryHalf,
  createServerCore,
  defaultRates,
  memoryFiles,
  openInProcessDeliveryStore,
  openInProcessStore,
} from "@nodoor/server"
import { testTokenKeys } from "@nodoor/server/fixtures"
import { InProcessLog } from "../in-process-log.ts"
import { seededChance } from "../randomness.ts"
import { VirtualDevice } from "../virtual-device.ts"
import type { Joining } from "../world/world-device.ts"
import { type DeliveryDoor, type Place, calm, doorOf } from "../virtual-network.ts"
import { origin } from "../virtual-server.ts"
import { VirtualTime, settle } from "../virtual-time.ts"

interface Answer {
  readonly status: number
  readonly body: Uint8Array
}
type Hand = (path: string, caller: Caller, body: Uint8Array, honest: () => Promise<Answer>) => Promise<Answer>

export interface Person {
  readonly handle: string
  readonly device: OpenDevice
  readonly accountId: Uint8Array
  readonly address: string
  readonly virtual: VirtualDevice
}

const startMs = Date.UTC(2026, 0, 31)
const maxSteps = 200_000
/** What a device believes of the log: none of it may change when a check fails. */
const believed = ["key_log", "log_head", "log_index", "log_handle", "account_check", "account_state", "contact"]

export class OperatedWorld {
  readonly time: VirtualTime = new VirtualTime(startMs)
  readonly log: InProcessLog
  /** How far ahead the clock of the server is that dates messages. */
  serverAheadMs = 0
  readonly store: Store
  /** Which log an address is shown. */
  logOf: (address: string) => InProcessLog
  /** What becomes of requests. */
  hand: Hand = (_path, _caller, _body, honest) => honest()
  /** What becomes of requests about blobs. */
  blobHand: (call: BlobCall, honest: () => Promise<BlobReply>) => Promise<BlobReply> = (_call, honest) => honest()
  readonly #folder: string
  readonly #chance = seededChance(7)
  readonly #people: VirtualDevice[] = []
  readonly #logs: InProcessLog[] = []
  #delivery: ServerCore | undefined
  #streams: DeliveryDoor | undefined
  #half: DeliveryHalf | undefined

  private constructor(folder: string) {
    this.#folder = folder
    this.store = openInProcessStore(join(folder, "server.db"))
    this.log = this.#openLog("log")
    this.logOf = () => this.log
  }

  static async with(run: (world: OperatedWorld) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "nodoor-operated-"))
    const world = new OperatedWorld(folder)
    try {
      await world.#start()
      await run(world)
    } finally {
      for (const person of world.#people) await person.device?.close()
      for (const log of world.#logs) log.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** `older`: an account from before recovery keys. `online`: whether to wait until it is. */
  async person(
    handle: string,
    {
      clockAheadMs = 0,
      online = true,
      ...options
    }: { readonly older?: boolean; readonly clockAheadMs?: number; readonly online?: boolean } = {},
  ): Promise<Person> {
    const virtual = this.#device(handle, options)
    virtual.clockAheadMs = clockAheadMs
    await this.run(virtual.start())
    const { device } = virtual
    if (!device) throw new TypeError(`${handle} did not start`)
    await this.until(`${handle} settles`, async () => !online || (await device.connection()).status === "online")
    const { accountId } = await device.account()
    return { handle, device, accountId: fromHex(accountId), address: `10.0.0.${handle.charCodeAt(0)}`, virtual }
  }

  /** A further device of somebody, linked by the code that the first one shows. It is in the account, and not in any conversation yet. */
  async linked(person: Person, name: string): Promise<Person> {
    const shown = await this.run(person.device.startLink({ show: true }))
    const number = Promise.withResolvers<number>()
    const virtual = this.#device(name, {})
    const hears = (view: LinkView): void => {
      if (view.number !== undefined) number.resolve(view.number)
    }
    virtual.joining = { how: { code: shown.code ?? "" }, hears }
    const asked = Promise.withResolvers<void>()
    const stop = person.device.subscribe((event) => event.type === "link" && event.link.step === "confirming" && asked.resolve())
    const started = virtual.start()
    await this.run(Promise.all([asked.promise, number.promise]))
    stop()
    await this.run(person.device.answerLink({ number: await number.promise }))
    await this.run(started)
    const { device } = virtual
    if (!device) throw new TypeError(`${name} did not start`)
    await this.until(`${name} settles`, async () => (await device.connection()).status === "online")
    return { handle: person.handle, device, accountId: person.accountId, address: virtual.address, virtual }
  }

  /** A device that brings somebody's account back; it is named otherwise, so that its address is its own. */
  async recovered({ handle, accountId }: Pick<Person, "handle" | "accountId">, words: readonly string[], name: string): Promise<Person> {
    const virtual = this.recovering(handle, words, name)
    await this.run(virtual.start())
    const { device } = virtual
    if (!device) throw new TypeError(`${name} did not start`)
    await this.until(`${name} settles`, async () => (await device.connection()).status === "online")
    return { handle, device, accountId, address: virtual.address, virtual }
  }

  /** The same, not started. */
  recovering(handle: string, words: readonly string[], name: string): VirtualDevice {
    const virtual = this.#device(name, {})
    virtual.recovering = { handle, words }
    return virtual
  }

  /** A further device of somebody, not started. */
  joining(joining: Joining, name: string): VirtualDevice {
    const virtual = this.#device(name, {})
    virtual.joining = joining
    return virtual
  }

  #device(handle: string, options: ConstructorParameters<typeof VirtualDevice>[3]): VirtualDevice {
    const place: Place = {
      delivery: () => this.#shown,
      streams: () => this.#streams,
      time: this.time,
      chance: this.#chance,
      faults: () => calm,
    }
    const virtual = new VirtualDevice(place, handle, () => {}, options)
    this.#people.push(virtual)
    return virtual
  }

  /** Two who have written to each other. Returns the chat's id. */
  async acquainted(a: Person, b: Person): Promise<string> {
    const { accountId } = await this.run(a.device.findContact(b.handle))
    const chat = await this.run(a.device.openChat(accountId))
    await this.run(a.device.send(chat.id, { text: "hello" }))
    await this.until("it arrived", async () => (await b.device.chats()).some(({ id }) => id === chat.id))
    await this.run(b.device.acceptRequest(chat.id))
    await this.run(b.device.send(chat.id, { text: "hello too" }))
    await this.until("the answer arrived", async () => (await a.device.messages(chat.id)).messages.length === 2)
    return chat.id
  }

  /** What the honest server answers to somebody, past the hand. */
  ask(path: string, body: Uint8Array, address: string): ReturnType<ServerCore["handle"]> {
    return this.#core().handle(path, { address }, body)
  }

  /** The server erases what every device has, as it does every few seconds. */
  async letsGo(): Promise<void> {
    await this.#half?.writeAcks()
  }

  /** A second log under the same keys with the same past. */
  fork(): InProcessLog {
    const name = `fork-${this.#logs.length}`
    cpSync(join(this.#folder, "log"), join(this.#folder, name), { recursive: true })
    return this.#openLog(name)
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let done = false
    const ended = work.finally(() => (done = true))
    ended.catch(() => undefined)
    await this.until("what was asked for is answered", async () => done)
    return await ended
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < maxSteps; i++) {
      await settle()
      if (await holds()) return
      if (!(await this.time.step())) break
    }
    throw new TypeError(`never: ${what}`)
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.time.nowMs() + ms
    let over = false
    this.time.after(ms, () => (over = true))
    await this.until(`${endMs}`, async () => over)
  }

  /** Everything that a device believes of the log, as text. */
  async beliefs({ virtual }: Person): Promise<string> {
    const rows: string[] = []
    for (const table of believed)
      rows.push(
        ...(await virtual.disk.read(`SELECT * FROM ${table}`)).map((row) => `${table} ${JSON.stringify(Object.entries(row).map(plain))}`),
      )
    return rows.join("\n")
  }

  /** Alarms of a level, as codes, oldest first. */
  async alarms({ device }: Person, level: AlarmView["level"] = "red"): Promise<readonly string[]> {
    const all = await device.alarms()
    return all
      .filter((alarm) => alarm.level === level)
      .map(({ code }) => code)
      .toReversed()
  }

  readonly #shown: ServerCore = {
    get options() {
      return { origin } as ServerCore["options"]
    },
    maxRequestBytes: (path) => this.#core().maxRequestBytes(path),
    handle: (path, caller, body) =>
      this.hand(path, caller, body, () => {
        this.#asking = caller.address
        return this.#core().handle(path, caller, body)
      }),
    sweep: () => this.#core().sweep(),
    settled: () => this.#core().settled(),
    changeAccount: (input) => this.#core().changeAccount(input),
    noticeAccountChanges: () => this.#core().noticeAccountChanges(),
    tokenKeys: () => this.#core().tokenKeys(),
    devicesSignedIn: () => this.#core().devicesSignedIn(),
    close: () => this.#core().close(),
  }
  #asking = ""

  async #start(): Promise<void> {
    const shown = (): InProcessLog => this.logOf(this.#asking)
    await this.log.publish()
    const surroundings = {
      clock: { nowMs: () => this.time.nowMs() + this.serverAheadMs },
      random: (sizeBytes: number) => this.#chance.bytes(sizeBytes),
      turn: (run: () => void) => void this.time.after(0, run),
      log: () => {},
    }
    const half = await createDeliveryHalf(
      {
        ...surroundings,
        store: openInProcessDeliveryStore(":memory:"),
        blobFiles: memoryFiles(),
        tokenKeys: () => this.store.tokenKeys({}),
      },
      { origin, messageDays: 30 },
    )
    this.#half = half
    const door = doorOf(half)
    this.#streams = { ...door, blob: (call) => this.blobHand(call, () => door.blob(call)) }
    this.#delivery = await createServerCore(
      {
        ...surroundings,
        store: this.store,
        timer: (afterMs, run) => this.time.after(afterMs, run),
        newTokenKey: testTokenKeys(),
        mailer: { sendCode: async () => {} },
        keyLog: {
          ...this.log.keyLog,
          search: (request) => shown().keyLog.search(request),
          inserted: (request) => shown().keyLog.inserted(request),
          config: () => shown().keyLog.config(),
        },
      },
      {
        origin,
        version: "sim",
        registration: "open",
        email: { mode: "none", domains: [] },
        ipDays: 0,
        messageDays: 30,
        rates: defaultRates,
      },
    )
  }

  #core(): ServerCore {
    if (!this.#delivery) throw new TypeError("the server was not started")
    return this.#delivery
  }

  #openLog(name: string): InProcessLog {
    const log = new InProcessLog({
      folder: join(this.#folder, name),
      origin,
      store: this.store,
      random: (sizeBytes) => this.#chance.bytes(sizeBytes),
      nowMs: () => this.time.nowMs(),
      after: (delayMs, run) => void this.time.after(delayMs, run),
    })
    this.#logs.push(log)
    return log
  }
}

function plain([name, value]: [string, unknown]): [string, unknown] {
  return [name, value instanceof Uint8Array ? toHex(value) : value]
}
