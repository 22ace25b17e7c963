// The world of one attack: people with production clients, the adversary's server, and a clock that moves only when told. The world
// collects everything that people are told, as it happens.

import { encodeCbor, fromHex } from "@nodoor/bytes"
import { ClientError, type OpenDevice } from "@nodoor/client"
import { makeTestFolder } from "../scripts/test-folder.ts"
import { seededChance } from "../sim/randomness.ts"
import { VirtualDevice } from "../sim/virtual-device.ts"
import type { Joining } from "../sim/world/world-device.ts"
import { type Place, calm } from "../sim/virtual-network.ts"
import { VirtualTime, settle } from "../sim/virtual-time.ts"
import type { Exported, Sign } from "./sign.ts"
import { Ghost } from "./adversary/ghost.ts"
import type { HandMade } from "./adversary/hand-made-group.ts"
import { Insider } from "./adversary/insider.ts"
import { AdversaryServer, origin } from "./adversary/adversary-server.ts"
import type { ShownGroups } from "./adversary/shown-groups.ts"

/** 31 January 2026. */
const startMs = Date.UTC(2026, 0, 31)
/** Steps of the clock after which something that should happen counts as never. */
const maxSteps = 20_000

/** Something that should have happened in a world did not. */
export class Never extends Error {
  constructor(what: string) {
    super(`never: ${what}`)
    this.name = "Never"
  }
}

export interface Person {
  readonly handle: string
  readonly device: OpenDevice
  readonly virtual: VirtualDevice
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  /** The address of the device's connections. The adversary tells people apart by it. */
  readonly address: string
  /** What the adversary shows the device of its groups. */
  readonly shown: ShownGroups
}

export class DrillWorld {
  readonly time: VirtualTime
  readonly adversary: AdversaryServer
  readonly #signs: Sign[] = []
  readonly #place: Place
  readonly #people: VirtualDevice[] = []
  readonly #watched = new Set<string>()
  #failure: unknown

  private constructor(time: VirtualTime, adversary: AdversaryServer) {
    this.time = time
    this.adversary = adversary
    const chance = seededChance(1)
    this.#place = { delivery: () => adversary.delivery, streams: () => adversary.streams, time, chance, faults: () => calm }
  }

  /** Opens a world, lets it run, and leaves nothing behind. */
  static async with<T>(run: (world: DrillWorld) => Promise<T>): Promise<T> {
    const folder = makeTestFolder()
    const time = new VirtualTime(startMs)
    const adversary = await AdversaryServer.start(time, folder.path)
    const world = new DrillWorld(time, adversary)
    try {
      return await run(world)
    } finally {
      for (const person of world.#people) await person.device?.close()
      adversary.close()
      folder.remove()
    }
  }

  /** Registers somebody. Handles begin with different letters. `older`: an account from before recovery keys. */
  async person(handle: string, options: { readonly older?: boolean } = {}): Promise<Person> {
    const virtual = new VirtualDevice(
      this.#place,
      handle,
      (event) => {
        if (event.type === "alarm") this.#sign(handle, { kind: "alarm", code: event.alarm.code, level: event.alarm.level })
      },
      options,
    )
    this.#people.push(virtual)
    await this.do(virtual.start())
    const { device } = virtual
    if (!device) throw new Never(`${handle} starts`)
    const account = await device.account()
    this.#watched.add(handle)
    await this.until(`${handle} is online`, async () => (await device.connection()).status === "online")
    await this.rest(3_000)
    return {
      handle,
      device,
      virtual,
      accountId: fromHex(account.accountId),
      deviceId: fromHex(account.deviceId),
      address: `10.0.0.${handle.charCodeAt(0)}`,
      shown: this.adversary.shownTo(`10.0.0.${handle.charCodeAt(0)}`),
    }
  }

  /** Starts a further device of somebody. */
  joining(joining: Joining, name: string): VirtualDevice {
    const virtual = new VirtualDevice(this.#place, name, () => undefined)
    virtual.joining = joining
    this.#people.push(virtual)
    void virtual.start()
    return virtual
  }

  /** What those who are watched were told so far. */
  get signs(): readonly Sign[] {
    return this.#signs
  }

  /** Lets the clock run until the work is done, and hands on what it came to. */
  async do<T>(work: Promise<T>): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined
    work.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    )
    await this.until("what was asked for is answered", () => outcome !== undefined)
    const ended = outcome as unknown as { readonly value: T } | { readonly error: unknown }
    if ("error" in ended) throw ended.error
    return ended.value
  }

  /** As `do`; a refusal is something the person is told, and then there is no value. */
  async attempt<T>(person: Person, work: Promise<T>): Promise<T | undefined> {
    try {
      return await this.do(work)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.#sign(person.handle, { kind: "refusal", code: error.code })
      return undefined
    }
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await settle()
    for (let step = 0; !(await holds()); step++) {
      if (this.#failure !== undefined) throw this.#failure
      if (step >= maxSteps || !(await this.time.step())) throw new Never(what)
    }
  }

  /** Whether it comes true within the time. */
  async within(durationMs: number, holds: () => Promise<boolean>): Promise<boolean> {
    const endMs = this.time.nowMs() + durationMs
    while (this.time.nowMs() < endMs) {
      if (await holds()) return true
      await this.#pass(Math.min(endMs, this.time.nowMs() + 500))
    }
    return await holds()
  }

  /** Lets time pass. */
  async rest(durationMs: number): Promise<void> {
    await this.#pass(this.time.nowMs() + durationMs)
  }

  async #pass(untilMs: number): Promise<void> {
    let there = false
    this.time.after(untilMs - this.time.nowMs(), () => (there = true))
    while (!there && (await this.time.step()));
    await settle()
  }

  /** Two people get to know each other and talk: `from` has written, `to` has accepted. */
  async chat(from: Person, to: Person): Promise<string> {
    const contact = await this.do(from.device.findContact(to.handle))
    const chat = await this.do(from.device.openChat(contact.accountId))
    await this.do(from.device.send(chat.id, { text: "hello" }))
    await this.until(`${to.handle} has the request`, async () => (await texts(to, chat.id)).includes("hello"))
    await this.do(to.device.acceptRequest(chat.id))
    await this.rest(5_000)
    return chat.id
  }

  /** A group of everybody; the first made it. */
  async group(...people: readonly Person[]): Promise<string> {
    const [first, ...others] = people
    if (!first) throw new TypeError("a group of nobody")
    const accountIds: string[] = []
    for (const other of others) accountIds.push((await this.do(first.device.findContact(other.handle))).accountId)
    const chat = await this.do(first.device.createGroup({ name: "Weekend", accountIds }))
    for (const other of others) {
      await this.until(`${other.handle} is in`, async () => (await other.device.chats()).some((one) => one.id === chat.id))
      await this.do(other.device.acceptRequest(chat.id))
    }
    await this.rest(5_000)
    return chat.id
  }

  /** Sends, and waits until the others have it if they ever do. */
  async say(person: Person, chatId: string, text: string): Promise<void> {
    await this.attempt(person, person.device.send(chatId, { text }))
    await this.rest(5_000)
  }

  /** The group that a chat's messages go to. */
  async groupIdOf(person: Person, chatId: string): Promise<Uint8Array> {
    const [row] = await person.virtual.disk.read("SELECT group_id FROM chat WHERE chat_id = ?", [fromHex(chatId)])
    return row?.["group_id"] as Uint8Array
  }

  ghost(accountId: Uint8Array, deviceId?: Uint8Array): Ghost {
    return new Ghost(() => this.time.nowMs(), accountId, deviceId)
  }

  /** From now on the adversary controls this person's device. Nobody looks at its screen any more. */
  async seize(person: Person): Promise<Insider> {
    this.#watched.delete(person.handle)
    const identity = encodeCbor([origin, person.accountId, person.deviceId])
    return await Insider.seize({ adversary: this.adversary, device: person.virtual, identity, nowMs: () => this.time.nowMs() })
  }

  /** Alice's group with Bob and Mallory, whose device is taken over. */
  async infiltrated(): Promise<{
    readonly alice: Person
    readonly bob: Person
    readonly mallory: Person
    readonly chatId: string
    readonly groupId: Uint8Array
    readonly insider: Insider
    readonly group: HandMade
  }> {
    const [alice, bob, mallory] = [await this.person("alice"), await this.person("bob"), await this.person("mallory")]
    const chatId = await this.group(alice, bob, mallory)
    const groupId = await this.groupIdOf(alice, chatId)
    const insider = await this.seize(mallory)
    return { alice, bob, mallory, chatId, groupId, insider, group: await insider.group(groupId) }
  }

  /** What people were told up to now was not about the attack. */
  forgetSigns(): void {
    this.#signs.length = 0
  }

  /** Somebody is told by other means than an alarm of their device. */
  tell(who: string, kind: Sign["kind"], code: string): void {
    this.#watched.add(who)
    this.#sign(who, { kind, code })
  }

  /** What people who were told can take along as evidence. */
  async evidence(): Promise<readonly Exported[]> {
    const out: Exported[] = []
    for (const { handle, device } of this.#people) {
      if (!device) continue
      const told = new Set(this.#signs.filter(({ who }) => who === handle).map(({ code }) => code))
      for (const { id, code, evidence } of told.size === 0 ? [] : await this.do(device.alarms()))
        if (evidence === true && told.has(code)) out.push({ who: handle, ...(await this.do(device.exportEvidence(id))) })
    }
    return out
  }

  /** Messages that a person is shown as not readable count as told. */
  async collect(...people: readonly Person[]): Promise<void> {
    for (const { handle, device } of people) {
      for (const chat of await device.chats()) {
        for (const { content } of (await device.messages(chat.id, { limit: 100 })).messages)
          if (content.type === "waiting") this.#sign(handle, { kind: "unreadable message", code: content.reason })
      }
    }
  }

  #sign(who: string, sign: Omit<Sign, "who">): void {
    if (!this.#watched.has(who)) return
    if (!this.#signs.some((known) => known.who === who && known.kind === sign.kind && known.code === sign.code))
      this.#signs.push({ ...sign, who })
  }
}

/** Texts that a person sees in a chat, oldest first; none if there is no such chat. */
export async function texts(person: Person, chatId: string): Promise<readonly string[]> {
  if (!(await person.device.chats()).some(({ id }) => id === chatId)) return []
  const { messages } = await person.device.messages(chatId, { limit: 100 })
  return messages.flatMap(({ content }) => (content.type === "text" ? [content.markdown] : []))
}
