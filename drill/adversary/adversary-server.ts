// The adversary's server: the production core, database and log. The adversary can change every byte that goes in or out.

import { DatabaseSync } from "node:sqlite"
import { join } from "node:path"
import { randomBytes } from "node:crypto"
import { bytes, compare, concat, equal, toHex } from "@nodoor/bytes"
import {
  type AccountState,
  type VerifiedAccountState,
  accountStateHash,
  decodeVerifiedAccountState,
  encodeAccountState,
  encodeVerifiedAccountState,
  verifyAccountState,
} from "@nodoor/keylog"
import { type Caller, type ServerCore, type Store, createServerCore, defaultRates, openInProcessStore, serverCrypto } from "@nodoor/server"
import { testTokenKeys } from "@nodoor/server/fixtures"
import {
  type CommitRequest,
  type ErrorCode,
  type PostRequest,
  type Route,
  ackMailbox,
  commit as commitRoute,
  decodeMessage,
  encodeMessage,
  errorCodes,
  post as postRoute,
  readMailbox,
} from "@nodoor/wire"
import type { VirtualTime } from "../../sim/virtual-time.ts"
import { AdversaryLog } from "./adversary-log.ts"
import { ShownMailbox } from "./shown-mailbox.ts"

export const origin = "drill.example"

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

/** A body that a member gave the server to deliver. */
export type Heard = { readonly kind: "post"; readonly request: PostRequest } | { readonly kind: "commit"; readonly request: CommitRequest }

export class AdversaryServer {
  readonly store: Store
  /** The log that people are shown, unless `logFor` shows somebody another one. */
  readonly log: AdversaryLog
  /** Every byte that ever went through the server, in either direction. */
  readonly traffic: Uint8Array[] = []
  /** Every body members posted, in the order in which they came. */
  readonly heard: Heard[] = []
  readonly paths: readonly string[]
  /** Which log an address is shown. */
  logFor: (address: string) => AdversaryLog
  readonly #sql: DatabaseSync
  readonly #time: VirtualTime
  readonly #forks: AdversaryLog[] = []
  /** Groups that the adversary made, with the next place in each. */
  readonly #ownGroups = new Map<string, number>()
  readonly #hooks = new Map<string, Hook>()
  readonly #mailboxes = new Map<string, ShownMailbox>()
  #core: ServerCore | undefined
  #asking = ""
  readonly #asked = new Map<string, number>()

  private constructor(time: VirtualTime, folder: string) {
    const path = join(folder, "server.db")
    this.paths = [path, `${path}-wal`, join(folder, "log", "log.sqlite"), join(folder, "log", "log.sqlite-wal")]
    this.store = openInProcessStore(path)
    this.#sql = new DatabaseSync(path)
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
        mailboxDays: 30,
        rates: defaultRates,
      },
    )
    await this.publishLog()
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
      this.#asked.set(caller.address, this.asked(caller.address) + 1)
      const honest = async (changed: Uint8Array): Promise<Answer> => {
        this.#asking = caller.address
        return await this.#honest().handle(path, caller, changed)
      }
      const answer = await (this.#hooks.get(path) ?? this.#own(path))(body, caller, honest)
      this.traffic.push(answer.body)
      return answer
    },
    connect: (sink, caller) => this.mailboxOf(caller.address).connect(this.#honest(), sink, caller, (frame) => this.traffic.push(frame)),
    sweep: () => this.#honest().sweep(),
    settled: () => this.#honest().settled(),
    changeAccount: (input) => this.#honest().changeAccount(input),
    noticeAccountChanges: () => this.#honest().noticeAccountChanges(),
    devicesConnected: () => this.#honest().devicesConnected(),
    close: () => this.#honest().close(),
  }

  /** How many requests came from an address. */
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

  mailboxOf(address: string): ShownMailbox {
    const known = this.#mailboxes.get(address) ?? new ShownMailbox()
    this.#mailboxes.set(address, known)
    return known
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

  /** The newest state of an account, as the server checked it. */
  async account(accountId: Uint8Array): Promise<VerifiedAccountState> {
    const stored = await this.store.verifiedState({ accountId })
    if (!stored) throw new TypeError("no such account")
    return decodeVerifiedAccountState(serverCrypto, stored)
  }

  /**
   * Writes a state into the database past every check of the server's own, as the newest of its account; and puts it into the log. From
   * then on the server's routes serve it like any other. Devices that it leaves out are not told: their sessions and mailboxes go on.
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
      this.sql("INSERT OR IGNORE INTO mailboxes (mailbox, floor) VALUES (?, 0)", deviceId)
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
    this.#sql.close()
    for (const log of [this.log, ...this.#forks]) log.close()
  }

  #honest(): ServerCore {
    if (!this.#core) throw new TypeError("the server was not started")
    return this.#core
  }

  /** What the adversary does with every request: it keeps the bodies, and answers for a mailbox with the records it wants to show. */
  #own(path: string): Hook {
    return async (body, caller, honest) => {
      if (path === readMailbox.path) {
        const { after, max } = decodeMessage(readMailbox.request, body, readMailbox.maxRequestBytes)
        const { shown } = this.mailboxOf(caller.address)
        return { status: 200, body: encodeMessage({ records: shown.slice(after, after + max), head: shown.length, acked: 0 }) }
      }
      if (path === ackMailbox.path) return { status: 200, body: encodeMessage({}) }
      if (path === postRoute.path) this.#hear({ kind: "post", request: decodeMessage(postRoute.request, body, postRoute.maxRequestBytes) })
      if (path === commitRoute.path)
        this.#hear({ kind: "commit", request: decodeMessage(commitRoute.request, body, commitRoute.maxRequestBytes) })
      const answer = await honest(body)
      const order = path === postRoute.path && answer.status !== 200 ? this.#placeUnseen(body) : undefined
      return order === undefined ? answer : { status: 200, body: encodeMessage({ order, timeMs: this.#time.nowMs() }) }
    }
  }

  /** Takes a post to a group that the true server does not know and the adversary claims to know. */
  #placeUnseen(body: Uint8Array): number | undefined {
    const groupId = toHex(decodeMessage(postRoute.request, body, postRoute.maxRequestBytes).groupId)
    const order = this.#ownGroups.get(groupId)
    if (order !== undefined) this.#ownGroups.set(groupId, order + 1)
    return order
  }

  /** From now on posts of this group are taken, though nobody announced it. */
  takePostsOf(groupId: Uint8Array): void {
    this.#ownGroups.set(toHex(groupId), 2)
  }

  /** What is sent again is the same. */
  #hear(heard: Heard): void {
    const bodyOf = ({ kind, request }: Heard): Uint8Array => (kind === "post" ? request.body : request.commit)
    if (!this.heard.some((known) => equal(bodyOf(known), bodyOf(heard)))) this.heard.push(heard)
  }
}

/** The true server refused what the adversary passed on. The device gets that refusal. */
class RefusedHonestly extends Error {}

/** The hash that tells members whom a group is delivered to. */
export function fanoutOf(mailboxes: readonly Uint8Array[]): Uint8Array {
  return serverCrypto.sha256(concat(...mailboxes.toSorted(compare)))
}

export function randomId<Name extends string>(): ReturnType<typeof bytes<Name>> {
  return bytes<Name>(new Uint8Array(randomBytes(16)))
}
