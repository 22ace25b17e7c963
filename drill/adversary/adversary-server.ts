// The adversary's server: the production core, database and log. The adversary can change every byte that goes in or out.

import { existsSync, readFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { join } from "node:path"
import { randomBytes } from "node:crypto"
import { equal } from "@nodoor/bytes"
import {
  type AccountState,
  type VerifiedAccountState,
  accountStateHash,
  decodeVerifiedAccountState,
  encodeAccountState,
  encodeVerifiedAccountState,
  verifyAccountState,
} from "@nodoor/keylog"
import {
  type Caller,
  type DeliveryHalf,
  type DeliveryStore,
  type ServerCore,
  type Store,
  createDeliveryHalf,
  createServerCore,
  defaultRates,
  openInProcessDeliveryStore,
  openInProcessStore,
  serverCrypto,
} from "@nodoor/server"
import { testTokenKeys, tokenWith } from "@nodoor/server/fixtures"
import {
  type DeviceClaim,
  type ErrorCode,
  type Route,
  type TokenKey,
  claimDevices,
  decodeMessage,
  encodeMessage,
  errorCodes,
  introduce,
  takeIntroductions,
  tokenKeyEpoch,
} from "@nodoor/wire"
import type { CommitItem, PostItem, PostingAnswer, ReadingRequest } from "@nodoor/wire/delivery"
import type { DeliveryDoor } from "../../sim/virtual-network.ts"
import { type VirtualTime, settle } from "../../sim/virtual-time.ts"
import { AdversaryBlobs } from "./adversary-blobs.ts"
import { AdversaryLog } from "./adversary-log.ts"
import { type OwnReading, OwnStream } from "./own-stream.ts"
import { PostingHands, type PostingItem } from "./posting-hands.ts"
import { randomId } from "./random-id.ts"
import { ShownGroups } from "./shown-groups.ts"
import { type HeldValue, valuesOf } from "./held-values.ts"

export const origin = "drill.example"
const upkeepMs = 60_000

interface Answer {
  readonly status: number
  readonly body: Uint8Array
}
/** One request, as the adversary sees it. */
export interface Request<Asked> {
  readonly asked: Asked
  /** The network address of the device that asks. The adversary knows whose it is. */
  readonly address: string
}
type Hook = (body: Uint8Array, caller: Caller, honest: (body: Uint8Array) => Promise<Answer>) => Promise<Answer>

/** What a member gave the server to deliver, or left at somebody's address. */
export type Heard = PostItem | CommitItem | { readonly type: "introduction"; readonly sealed: Uint8Array }

export class AdversaryServer {
  readonly store: Store
  /** The log that people are shown, unless `logFor` shows somebody another one. */
  readonly log: AdversaryLog
  /** Every byte that ever went through the server, in either direction. */
  readonly traffic: Uint8Array[] = []
  /** Every body members posted, in the order in which they came. */
  readonly heard: Heard[] = []
  /** All files, and those of each half. */
  readonly paths: readonly string[]
  readonly accountPaths: readonly string[]
  readonly deliveryPaths: readonly string[]
  /** Which log an address is shown. */
  logFor: (address: string) => AdversaryLog
  /** What may wait in one group's log. */
  readonly groupMaxBytes: number = 2 * 1024 * 1024
  /** What becomes of what is posted. */
  readonly posting: PostingHands = new PostingHands((item) => this.#hear(item))
  readonly #sql: DatabaseSync
  readonly #deliverySql: DatabaseSync
  readonly #deliveryStore: DeliveryStore
  readonly blobs: AdversaryBlobs = new AdversaryBlobs()
  readonly #ownStream: OwnStream
  readonly #time: VirtualTime
  readonly #forks: AdversaryLog[] = []
  readonly #hooks = new Map<string, Hook>()
  readonly #shown = new Map<string, ShownGroups>()
  #core: ServerCore | undefined
  #half: DeliveryHalf | undefined
  #asking = ""
  readonly #asked = new Map<string, number>()

  private constructor(time: VirtualTime, folder: string) {
    const [path, deliveryPath] = [join(folder, "accounts.db"), join(folder, "delivery.db")]
    this.accountPaths = [path, `${path}-wal`]
    this.deliveryPaths = [deliveryPath, `${deliveryPath}-wal`]
    this.paths = [...this.accountPaths, ...this.deliveryPaths, join(folder, "log", "log.sqlite"), join(folder, "log", "log.sqlite-wal")]
    this.store = openInProcessStore(path)
    this.#deliveryStore = openInProcessDeliveryStore(deliveryPath)
    this.#sql = new DatabaseSync(path)
    this.#deliverySql = new DatabaseSync(deliveryPath)
    this.#ownStream = new OwnStream(origin, () => time.nowMs())
    this.log = AdversaryLog.open(join(folder, "log"), origin)
    this.logFor = () => this.log
    this.#time = time
  }

  static async start(time: VirtualTime, folder: string): Promise<AdversaryServer> {
    const server = new AdversaryServer(time, folder)
    await server.#start()
    return server
  }

  async #start(): Promise<void> {
    const time = this.#time
    const shownLog = (): AdversaryLog => this.logFor(this.#asking)
    const keyLog = this.log.routes(() => time.after(1_000, () => void this.publishLog()))
    this.#core = await createServerCore(
      {
        store: this.store,
        clock: { nowMs: () => time.nowMs() },
        random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
        turn: (run) => void time.after(0, run),
        timer: (afterMs, run) => time.after(afterMs, run),
        newTokenKey: testTokenKeys(),
        mailer: { sendCode: async () => {} },
        log: () => {},
        keyLog: {
          ...keyLog,
          search: async (request) => shownLog().search(request),
          watchSet: async (label) => shownLog().keeper.watchSet({ label }),
          inserted: async (request) => shownLog().keeper.inserted(request),
          config: async () => shownLog().keeper.config(),
          logged: async () => await this.publishLog(),
        },
      },
      {
        origin,
        version: "drill",
        registration: "open",
        email: { mode: "none", domains: [] },
        ipDays: 7,
        messageDays: 30,
        rates: defaultRates,
      },
    )
    await this.publishLog()
    this.#half = await createDeliveryHalf(
      {
        store: this.#deliveryStore,
        blobFiles: this.blobs.files,
        clock: { nowMs: () => time.nowMs() },
        random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
        turn: (run) => void time.after(0, run),
        log: () => {},
        tokenKeys: async () => [...(await this.store.tokenKeys({})), this.#ownStream.tokenKey()],
      },
      { origin, messageDays: 30, groupMaxBytes: this.groupMaxBytes },
    )
    const upkeep = (): void => void time.after(upkeepMs, () => void this.#half?.upkeep().then(upkeep))
    upkeep()
    const hourly = (): void => void time.after(3_600_000, () => void this.publishLog().then(hourly))
    hourly()
  }

  /** What devices talk to. */
  readonly delivery: ServerCore = {
    get options() {
      return { origin } as ServerCore["options"]
    },
    maxRequestBytes: (path) => this.#honest().maxRequestBytes(path),
    handle: async (path, caller, body) => {
      this.traffic.push(body)
      if (path !== takeIntroductions.path) this.#asked.set(caller.address, this.asked(caller.address) + 1)
      const honest = async (changed: Uint8Array): Promise<Answer> => {
        this.#asking = caller.address
        return await this.#honest().handle(path, caller, changed)
      }
      const answer = await (this.#hooks.get(path) ?? this.#own(path))(body, caller, honest)
      this.traffic.push(answer.body)
      return answer
    },
    sweep: () => this.#honest().sweep(),
    settled: () => this.#honest().settled(),
    changeAccount: (input) => this.#honest().changeAccount(input),
    noticeAccountChanges: () => this.#honest().noticeAccountChanges(),
    tokenKeys: () => this.#honest().tokenKeys(),
    devicesSignedIn: () => this.#honest().devicesSignedIn(),
    close: () => this.#honest().close(),
  }

  /** What devices open streams to. */
  readonly streams: DeliveryDoor = {
    connect: (kind, sink, caller) => {
      const heard = (frame: Uint8Array): void => void this.traffic.push(frame)
      const half = this.#halfNow()
      const port =
        kind === "reading"
          ? this.shownTo(caller.address).connect((inner) => half.connectRead(inner, caller), sink, heard)
          : this.posting.connect((inner) => half.connectPost(inner, caller), sink, caller.address, heard)
      return {
        get opened() {
          return port.opened
        },
        receive: (frame) => {
          heard(frame)
          port.receive(frame)
        },
        closed: () => port.closed(),
      }
    },
    blob: (call) => this.blobs.answer(call, this.#halfNow()),
  }

  /** How many requests came from an address, besides those that wait for introductions. */
  asked(address: string): number {
    return this.#asked.get(address) ?? 0
  }

  /** From now on requests of this route are answered by `answer`; `honest` asks the true server. */
  on<Asked extends object, Answered extends object>(
    route: Route<Asked, Answered>,
    answer: (request: Request<Asked>, honest: (changed?: Asked) => Promise<Answered>) => Promise<Answered>,
  ): void {
    this.#hooks.set(route.path, async (body, caller, honest) => {
      const asked = decodeMessage(route.request, body, route.maxRequestBytes)
      let refusal: Answer | undefined
      try {
        const made = await answer({ asked, address: caller.address }, async (changed) => {
          const answered = await honest(changed === undefined ? body : encodeMessage(changed))
          if (answered.status !== 200) {
            refusal = answered
            throw new RefusedHonestly()
          }
          return decodeMessage(route.answer, answered.body, route.maxAnswerBytes)
        })
        return { status: 200, body: encodeMessage(made) }
      } catch (error) {
        if (error instanceof RefusedHonestly && refusal !== undefined) return refusal
        throw error
      }
    })
  }

  /** Asks the true server, as anybody could. Undefined when it refuses. */
  async ask<Asked extends object, Answered>(
    route: Route<Asked, Answered>,
    request: Asked,
    token?: Uint8Array,
  ): Promise<Answered | undefined> {
    const answer = await this.#honest().handle(route.path, { address: "adversary", token }, encodeMessage(request))
    return answer.status === 200 ? decodeMessage(route.answer, answer.body, route.maxAnswerBytes) : undefined
  }

  /**
   * From now on requests of this route that `picks` picks are not done, and answered with this refusal, with `lie` as if they had been, or
   * never. Counts them.
   */
  withhold<Asked extends object, Answered extends object>(
    route: Route<Asked, Answered>,
    picks: (asked: Asked) => boolean,
    answer: ErrorCode | "silence" | { readonly lie: Answered },
  ): { readonly count: number; stop(): void } {
    const before = this.#hooks.get(route.path)
    const inner = before ?? this.#own(route.path)
    const state = {
      count: 0,
      stop: (): void => {
        if (before) this.#hooks.set(route.path, before)
        else this.#hooks.delete(route.path)
      },
    }
    this.#hooks.set(route.path, async (body, caller, honest) => {
      if (!picks(decodeMessage(route.request, body, route.maxRequestBytes))) return await inner(body, caller, honest)
      state.count++
      if (answer === "silence") return await new Promise<Answer>(() => {})
      if (typeof answer === "object") return { status: 200, body: encodeMessage(answer.lie) }
      return { status: errorCodes[answer], body: encodeMessage({ code: answer, message: answer }) }
    })
    return state
  }

  /** What a device is shown of its groups. */
  shownTo(address: string): ShownGroups {
    const known = this.#shown.get(address) ?? new ShownGroups()
    this.#shown.set(address, known)
    return known
  }

  /** Has the true server do what is handed in, by a stream of the adversary's own. */
  async hand(item: PostingItem): Promise<PostingAnswer> {
    return await this.#driven(this.#ownStream.hand(this.#halfNow(), item))
  }

  /** Says something on a reading stream of the adversary's own. */
  read(...items: readonly ReadingRequest[]): OwnReading {
    return this.#ownStream.read(this.#halfNow(), ...items)
  }

  /** What waits in the logs of groups. */
  async depth(): Promise<{ readonly bytes: number }> {
    await this.#driven(this.#halfNow().settled())
    return await this.#deliveryStore.depth({})
  }

  /** A key for tokens that the log does not hold. */
  ownTokenKey(): TokenKey {
    return this.#ownStream.tokenKey()
  }

  /** KeyPackages of an account's devices, as anybody with a token gets them. The adversary signs its own. */
  async claim(accountId: Uint8Array): Promise<readonly DeviceClaim[]> {
    const privateKey = await this.store.tokenSecret({ epoch: tokenKeyEpoch(this.#time.nowMs()) })
    if (!privateKey) throw new TypeError("no key for tokens")
    const token = tokenWith(privateKey, { origin, use: "claim" })
    const { claims = [] } = (await this.ask(claimDevices, { token, accounts: [{ accountId }] })) ?? {}
    return claims
  }

  /** Leaves an introduction at an address. */
  async leave(address: Uint8Array, sealed: Uint8Array): Promise<void> {
    await this.ask(introduce, { introductions: [{ address, sealed }] })
  }

  /** From now on what a device takes at its address is kept; `repeat` shows it all again. */
  repeatIntroductionsTo(address: string): { readonly kept: number; repeat(): void } {
    const kept: Uint8Array[] = []
    let again: { readonly id: Uint8Array; readonly sealed: Uint8Array }[] = []
    this.on(takeIntroductions, async ({ asked, address: from }, honest) => {
      if (from !== address) return await honest()
      again = again.filter(({ id }) => !asked.done.some((done) => equal(done, id)))
      if (again.length > 0) return { introductions: again }
      const answer = await honest()
      kept.push(...answer.introductions.map(({ sealed }) => sealed))
      return answer
    })
    return {
      get kept() {
        return kept.length
      },
      repeat: () => {
        again = kept.map((sealed) => ({ id: randomId(), sealed }))
      },
    }
  }

  /** The seats of a group, as the server knows them. */
  async seats(groupId: Uint8Array): Promise<readonly Uint8Array[]> {
    await this.#driven(this.#halfNow().settled())
    const rows = this.#deliverySql.prepare("SELECT seat FROM seats WHERE group_id = ? AND end_order IS NULL").all(groupId)
    return rows.map((row) => row["seat"] as Uint8Array)
  }

  /** Every account state there is, logged and signed, in every log there is. */
  async publishLog(): Promise<void> {
    const feed = await this.store.accountFeed({ after: 0, max: 1_000 })
    for (const log of [this.log, ...this.#forks]) log.publish(feed, this.#time.nowMs())
  }

  /** A second log under the same keys, the same up to now. */
  fork(name: string): AdversaryLog {
    const made = this.log.fork(name)
    this.#forks.push(made)
    return made
  }

  /** From now on this address is told that the route is out of order. */
  refuse(route: Pick<Route<never, unknown>, "path">, address: string): void {
    const before = this.#hooks.get(route.path) ?? this.#own(route.path)
    const body = encodeMessage({ code: "unavailable", message: "unavailable", retryAfterMs: 60_000 })
    this.#hooks.set(route.path, async (asked, caller, honest) =>
      caller.address === address ? { status: 503, body } : await before(asked, caller, honest),
    )
  }

  /** What the two halves hold on disk: every value of at least 16 bytes, and the files as they are. */
  halves(): { readonly [Half in "accounts" | "delivery"]: { readonly values: readonly HeldValue[]; readonly files: readonly Buffer[] } } {
    const files = (paths: readonly string[]): readonly Buffer[] =>
      paths.filter((path) => existsSync(path)).map((path) => readFileSync(path))
    return {
      accounts: { values: valuesOf(this.#sql), files: files(this.accountPaths) },
      delivery: { values: valuesOf(this.#deliverySql), files: files(this.deliveryPaths) },
    }
  }

  /** The newest state of an account, as the server checked it. */
  async account(accountId: Uint8Array): Promise<VerifiedAccountState> {
    const stored = await this.store.verifiedState({ accountId })
    if (!stored) throw new TypeError("no such account")
    return decodeVerifiedAccountState(serverCrypto, stored)
  }

  /**
   * Writes a state into the database past every check of the server's own, as the newest of its account; and puts it into the log. From
   * then on the server's routes serve it like any other. Devices that it leaves out are not told: their sessions go on.
   */
  async appendUnchecked(state: AccountState, signed: Uint8Array): Promise<void> {
    const stateHash = accountStateHash(serverCrypto, encodeAccountState(state))
    this.sql(
      "INSERT INTO account_states (account_id, version, state, state_hash) VALUES (?, ?, ?, ?)",
      state.accountId,
      state.version,
      signed,
      stateHash,
    )
    for (const { deviceId, signatureKey } of state.devices) {
      this.sql(
        "INSERT OR IGNORE INTO devices (device_id, account_id, signature_key) VALUES (?, ?, ?)",
        deviceId,
        state.accountId,
        signatureKey,
      )
    }
    await this.publishLog()
  }

  /** A state that follows every rule, stored as the server's own route would. @throws KeylogError */
  async appendLinked(state: AccountState, signed: Uint8Array): Promise<void> {
    const { accountId } = state
    const verified = verifyAccountState(serverCrypto, { previous: await this.account(accountId), next: signed, origin, accountId })
    await this.store.appendAccountState({
      accountId,
      version: state.version,
      state: signed,
      stateHash: verified.stateHash,
      verifiedState: encodeVerifiedAccountState(verified),
      devices: state.devices.map(({ deviceId, signatureKey }) => ({ deviceId, signatureKey })),
      erased: false,
    })
    await this.publishLog()
  }

  /** Any statement on the live database. */
  sql(statement: string, ...values: readonly (string | number | Uint8Array)[]): void {
    this.#sql.prepare(statement).run(...values)
  }

  rows(query: string, ...values: readonly (string | number | Uint8Array)[]): readonly Record<string, unknown>[] {
    return this.#sql.prepare(query).all(...values)
  }

  close(): void {
    this.#core?.close()
    this.#half?.close()
    this.#sql.close()
    this.#deliverySql.close()
    for (const log of [this.log, ...this.#forks]) log.close()
  }

  #honest(): ServerCore {
    if (!this.#core) throw new TypeError("the server was not started")
    return this.#core
  }

  /** Lets the clock run until the delivery half has done it: its turns are turns of that clock. */
  async #driven<T>(work: Promise<T>): Promise<T> {
    let done = false
    const ended = work.finally(() => (done = true))
    for (await settle(); !done; await settle()) await this.#time.step()
    return await ended
  }

  #halfNow(): DeliveryHalf {
    if (!this.#half) throw new TypeError("the server was not started")
    return this.#half
  }

  /** What the adversary does with every request: it keeps introductions. */
  #own(path: string): Hook {
    return async (body, _caller, honest) => {
      if (path === introduce.path)
        for (const { sealed } of decodeMessage(introduce.request, body, introduce.maxRequestBytes).introductions)
          if (!this.heard.some((known) => known.type === "introduction" && equal(known.sealed, sealed)))
            this.heard.push({ type: "introduction", sealed })
      return await honest(body)
    }
  }

  /** What is sent again is the same. */
  #hear(item: PostingItem): void {
    if (item.type !== "post" && item.type !== "commit") return
    const bodyOf = (one: PostItem | CommitItem): Uint8Array => (one.type === "post" ? one.body : one.commit)
    if (!this.heard.some((known) => known.type !== "introduction" && equal(bodyOf(known), bodyOf(item)))) this.heard.push(item)
  }
}

/** The true server refused what the adversary passed on. The device gets that refusal. */
class RefusedHonestly extends Error {}
