// Letting a device in, on the device that does it. Until the person has said that the number is right, everything is in memory and nothing is
// handed over. From then on each step is stored before it is sent, and goes on after a restart, until the log shows the new device.

import { CodecError, equal } from "@nodoor/bytes"
import { KeylogError, decodeSignedAccountState, findDevice, verifyAccountState } from "@nodoor/keylog"
import { WireError, limits } from "@nodoor/wire"
import { ClientError, NetworkError, asClientError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { findOwnName } from "../store/device.ts"
import { insertHistoryDue } from "../store/history-transfer.ts"
import { type LinkAttempt, deleteLinkAttempt, findLinkAttempt, saveLinkAttempt } from "../store/link.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import { listStates } from "../store/trust/account-states.ts"
import { readLogToHandOver } from "../store/trust/key-log.ts"
import { linkTexts } from "../texts/en-link.ts"
import type { OwnAccount } from "../trust/account/own-account.ts"
import { readRecoverySeed } from "../trust/account/recovery-key.ts"
import type { LinkView } from "../view/link-view.ts"
import { codeLink, codeSecretBytes, codeText, readCode } from "./code.ts"
import { type LinkEnd, isLinkEnd, linkEnd } from "./link-end.ts"
import { Meeting, type MeetingParts } from "./meeting.ts"
import {
  type Ending,
  type Grant,
  type Hello,
  decodeCommitment,
  decodeHello,
  decodeOffer,
  decodeSignature,
  encodeResult,
  isCommitted,
  nonceBytes,
  numberOf,
  roundsMax,
  sealGrant,
  slots,
  slotsPerRound,
  transcriptOf,
} from "./messages.ts"

const kind = "link"
/** A code that somebody typed or scanned was shown a moment ago, and whoever shows it has left the first message. */
const answerWithinMs = 30_000
const numbersOffered = 3
/** What both have signed may reach the log late. After that the person begins again. */
const sendWithinMs = 600_000
const backoff = { firstMs: 1_000, lastMs: 15_000 }

export interface OldLinkParts extends MeetingParts {
  readonly own: OwnDevice
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly account: Pick<OwnAccount, "prepareAddition" | "add" | "known" | "look">
  readonly sync: SyncNotes
  /** The account lists another own device. */
  deviceAdded(): void
  show(view: LinkView): void
  fault(error: unknown): void
}

/** What the new device has said, before the person has answered. */
interface Asked {
  readonly meeting: Meeting
  readonly secret: Uint8Array
  readonly taker: Uint8Array
  readonly untilMs: number
  readonly hello: Hello
  readonly helloBytes: Uint8Array
  readonly transcript: Uint8Array
  readonly number: number
}

interface Progress {
  readonly done: number
  readonly total: number
}

export class OldLink implements Part {
  readonly #parts: OldLinkParts
  #view: LinkView | undefined
  #meeting: Meeting | undefined
  #asked: Asked | undefined
  #entered: Progress | undefined
  #given: Progress | "done" | undefined
  /** Rises with every attempt: what an earlier one still hears counts no more. */
  #attempt = 0

  constructor(parts: OldLinkParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff, run: () => this.#goOn() })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
  }

  offline(): void {}

  close(): void {
    this.#meeting?.end()
  }

  /** How far a device that was let in has come: in how many groups it is, and how much of the history is handed over. */
  progress(now: { readonly groups?: Progress; readonly history?: Progress | "done" }): void {
    if (this.#view?.step !== "transferring") return
    const { groups = this.#entered, history = this.#given } = now
    this.#entered = groups
    this.#given = history
    const isDone = history === "done" && groups !== undefined && groups.done >= groups.total
    const progress = history === "done" || history === undefined ? groups : history
    this.#show({ ...this.#peerOf(), role: "old", step: isDone ? "done" : "transferring", ...(progress && { progress }) })
  }

  /** The code is taken only here, while the person looks at it. @throws ClientError `link_code_invalid`, `link_other_server`, `not_allowed` */
  async start(how: { readonly show: true } | { readonly code: string }): Promise<LinkView> {
    const { own, random, clock, transactions } = this.#parts
    if ((await findLinkAttempt(readerOf(transactions.database))) !== undefined || this.#asked !== undefined)
      throw new ClientError("not_allowed", linkTexts.underWay)
    const code = "code" in how ? readCode(how.code) : { secret: random(codeSecretBytes) }
    if ("serverUrl" in code && code.serverUrl !== new URL(own.serverUrl).origin) throw linkEnd("otherServer")
    this.#meeting?.end()
    const attempt = ++this.#attempt
    const taker = Meeting.taker(random)
    const meeting = new Meeting(this.#parts, { serverUrl: own.serverUrl, secret: code.secret, taker })
    this.#meeting = meeting
    const expiresAtMs = clock.nowMs() + limits.rendezvousMs
    const view: LinkView =
      "code" in how
        ? { role: "old", step: "connecting", expiresAtMs }
        : { role: "old", step: "showing", code: codeText(code.secret), link: codeLink(own.serverUrl, code.secret), expiresAtMs }
    this.#show(view)
    const untilMs = "code" in how ? clock.nowMs() + answerWithinMs : expiresAtMs
    const late = "code" in how ? "noAnswer" : "expired"
    this.#hear({ meeting, secret: code.secret, taker, untilMs }, late).then(
      (asked) => this.#ask(attempt, asked),
      (error: unknown) => this.#failed(attempt, error),
    )
    return view
  }

  /** What the new device says, in the order that keeps anybody from choosing the number. */
  async #hear({ meeting, secret, taker, untilMs }: Pick<Asked, "meeting" | "secret" | "taker" | "untilMs">, late: LinkEnd): Promise<Asked> {
    const { crypto, clock, random } = this.#parts
    const commitmentBytes = await meeting.take(slots.commitment, untilMs, late)
    const answeredMs = clock.nowMs() + limits.rendezvousAnsweredMs - limits.rendezvousMs
    const commitment = decodeCommitment(commitmentBytes)
    const offer = random(nonceBytes)
    decodeOffer(offer)
    await meeting.put(slots.offer, offer, answeredMs)
    const helloBytes = await meeting.take(slots.hello, clock.nowMs() + answerWithinMs)
    const hello = decodeHello(helloBytes)
    if (!isCommitted(crypto, commitment, helloBytes)) throw new CodecError("invalid_value", "another hello than was committed to")
    const transcript = transcriptOf(crypto, { commitment, offer, hello: helloBytes })
    return { meeting, secret, taker, untilMs: answeredMs, hello, helloBytes, transcript, number: numberOf(transcript) }
  }

  #ask(attempt: number, asked: Asked): void {
    if (attempt !== this.#attempt) return
    this.#asked = asked
    const { hello, number, untilMs } = asked
    const numbers = this.#offered(number)
    const peer = { name: shownName(hello.name), deviceClass: hello.deviceClass, atMs: this.#parts.clock.nowMs() }
    this.#show({ role: "old", step: "confirming", peer, numbers, expiresAtMs: untilMs })
  }

  /** The right one and others, in an order that says nothing. */
  #offered(number: number): readonly number[] {
    const { random } = this.#parts
    const others = new Set<number>([number])
    while (others.size < numbersOffered) {
      const [byte = 0] = random(1)
      if (byte < 200) others.add(byte % 100)
    }
    return [...others].toSorted((a, b) => a - b)
  }

  /** @throws ClientError `not_allowed` when nothing is asked, or the account may not take a device in; as `KeyLog.search` */
  async answer(answer: { readonly number: number } | { readonly deny: true }): Promise<void> {
    const asked = this.#asked
    if (!asked) throw new ClientError("not_allowed", linkTexts.notAsked)
    this.#asked = undefined
    const attempt = this.#attempt
    if ("deny" in answer) return await this.#refuse(attempt, asked, { why: "denied", end: linkEnd("cancelled") })
    if (answer.number !== asked.number) return await this.#refuse(attempt, asked, { why: "wrong_number", end: linkEnd("wrongNumber") })
    if (this.#parts.clock.nowMs() >= asked.untilMs) return await this.#refuse(attempt, asked, { why: "expired", end: linkEnd("expired") })
    this.#show({ ...this.#peerOf(), role: "old", step: "adding" })
    try {
      const { meeting: _, hello: __, number: ___, helloBytes, ...kept } = asked
      const granted = await this.#grant({ ...kept, hello: helloBytes, round: 0 })
      await this.#parts.transactions.run(async (tx) => saveLinkAttempt(tx, granted))
    } catch (error) {
      const end = error instanceof ClientError ? error : linkEnd("notAllowed", { cause: error })
      await this.#refuse(attempt, asked, { why: "not_allowed", end })
      throw error
    }
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  /** Before anything was handed over. */
  async cancel(): Promise<void> {
    const asked = this.#asked
    this.#asked = undefined
    if (asked) return await this.#refuse(this.#attempt, asked, { why: "cancelled", end: linkEnd("cancelled") })
    if ((await findLinkAttempt(readerOf(this.#parts.transactions.database))) !== undefined) return
    const { meeting, attempt } = { meeting: this.#meeting, attempt: this.#attempt }
    if (meeting) this.#failed(attempt, linkEnd("cancelled"))
  }

  async #refuse(
    attempt: number,
    { meeting, untilMs }: Asked,
    { why, end }: { readonly why: Ending; readonly end: ClientError },
  ): Promise<void> {
    this.#failed(attempt, end, { keepMeeting: true })
    const said = meeting.put(
      slots.grant,
      encodeResult({ type: "ended", why }),
      Math.min(untilMs, this.#parts.clock.nowMs() + answerWithinMs),
    )
    // The other device is told if it can be; its time is over soon anyway.
    said.catch((error: unknown) => (isForeseen(error) ? undefined : this.#parts.fault(error))).finally(() => meeting.end())
  }

  /** @throws ClientError `not_allowed`; as `KeyLog.search` */
  async #grant(attempt: Pick<LinkAttempt, "secret" | "taker" | "untilMs" | "hello" | "transcript" | "round">): Promise<LinkAttempt> {
    const { own, account, crypto, random, transactions } = this.#parts
    const hello = decodeHello(attempt.hello)
    const { base, next } = await account.prepareAddition(hello)
    const reader = readerOf(transactions.database)
    const states = (await listStates(crypto, reader, own.accountId)).map(({ signed }) => signed).toReversed()
    const grant: Grant = {
      accountId: own.accountId,
      handle: own.handle,
      name: (await findOwnName(reader)) ?? "",
      states,
      next,
      recoverySeed: await readRecoverySeed(reader, { crypto, account: base }),
      log: await readLogToHandOver(reader),
    }
    const message = sealGrant(crypto, random, { grant, kemKey: hello.kemKey, transcript: attempt.transcript })
    if (!message) throw linkEnd("invalid")
    const sealed = this.#meetingOf(attempt).seal(slots.grant + attempt.round * slotsPerRound, message)
    if (sealed.length > limits.rendezvousBytes) throw new ClientError("not_allowed", linkTexts.tooLong)
    return { ...attempt, role: "old", stage: "granted", next, sealed }
  }

  #meetingOf({ secret, taker }: Pick<LinkAttempt, "secret" | "taker">): Meeting {
    const meeting = new Meeting(this.#parts, { serverUrl: this.#parts.own.serverUrl, secret, taker })
    this.#meeting = meeting
    return meeting
  }

  /** From what is stored. */
  async #goOn(): Promise<JobEnd> {
    const reader = readerOf(this.#parts.transactions.database)
    try {
      for (let attempt = await this.#attemptIn(reader); attempt; attempt = await this.#attemptIn(reader)) {
        if (this.#view?.step !== "adding") this.#show({ ...this.#peerOf(attempt), role: "old", step: "adding" })
        if (attempt.stage === "granted") await this.#getSignature(attempt)
        else await this.#send(attempt)
      }
    } catch (error) {
      if (!isForeseen(error)) throw error
      if (isLinkEnd(error)) return await this.#giveUp(error)
      const attempt = await this.#attemptIn(reader)
      if (attempt && this.#parts.clock.nowMs() >= attempt.untilMs + sendWithinMs)
        return await this.#giveUp(linkEnd("interrupted", { cause: error }))
      return "failed"
    }
  }

  async #attemptIn(reader: Reader): Promise<LinkAttempt | undefined> {
    const attempt = await findLinkAttempt(reader)
    return attempt?.role === "old" ? attempt : undefined
  }

  /** @throws ClientError `link_no_answer` when the time is over, `link_failed` when what came is not the version that was signed here, signed by the new device */
  async #getSignature(attempt: LinkAttempt): Promise<void> {
    const { transactions } = this.#parts
    const { untilMs, round } = attempt
    const meeting = this.#meetingOf(attempt)
    await meeting.putSealed(slots.grant + round * slotsPerRound, attempt.sealed, untilMs)
    const next = decodeSignature(await meeting.take(slots.signature + round * slotsPerRound, untilMs))
    await this.#checkSigned(attempt, next)
    await transactions.run(async (tx) => saveLinkAttempt(tx, { ...attempt, stage: "signed", next }))
  }

  /** @throws ClientError `link_failed` */
  async #checkSigned(attempt: LinkAttempt, next: Uint8Array): Promise<void> {
    const { account, crypto, own } = this.#parts
    const mine = decodeSignedAccountState(attempt.next)
    const previous = await account.known()
    try {
      if (!equal(decodeSignedAccountState(next).tbs, mine.tbs)) throw linkEnd("invalid")
      verifyAccountState(crypto, { previous, next, origin: mine.state.origin, accountId: own.accountId })
    } catch (error) {
      // The account has changed meanwhile: the log is what says so.
      if (error instanceof KeylogError && (error.code === "account_version" || error.code === "account_prev")) return
      if (error instanceof KeylogError || error instanceof CodecError) throw linkEnd("invalid", { cause: error })
      throw error
    }
  }

  /** Until the log shows it. @throws ClientError `link_failed` when the account changed too often, `link_no_answer` when the time is over */
  async #send(attempt: LinkAttempt): Promise<void> {
    const { account, transactions, deviceAdded, clock, sync } = this.#parts
    const { deviceId, signatureKey } = decodeHello(attempt.hello)
    const isListed = async (): Promise<boolean> => {
      const known = await account.known()
      const listed = known && findDevice(known.state, deviceId)
      return listed !== undefined && equal(listed.signatureKey, signatureKey)
    }
    if (!(await isListed())) {
      if (clock.nowMs() >= attempt.untilMs + sendWithinMs) throw linkEnd("interrupted")
      try {
        await account.add(attempt.next)
      } catch (error) {
        if (!hasChanged(error)) throw error
        await account.look()
        if (!(await isListed())) return await this.#beginAgain(attempt)
      }
    }
    const { name } = decodeHello(attempt.hello)
    await transactions.run(async (tx) => {
      deleteLinkAttempt(tx)
      insertHistoryDue(tx, deviceId)
      await sync.synced(tx, syncKeys.deviceName(deviceId), shownName(name))
    })
    this.#tellResult(attempt, { type: "done" })
    this.#entered = undefined
    this.#given = undefined
    this.#show({ ...this.#peerOf(attempt), role: "old", step: "transferring" })
    deviceAdded()
  }

  async #beginAgain(attempt: LinkAttempt): Promise<void> {
    const { transactions, clock } = this.#parts
    const round = attempt.round + 1
    if (round >= roundsMax || clock.nowMs() >= attempt.untilMs) throw linkEnd("changed")
    const granted = await this.#grant({ ...attempt, round })
    await this.#meetingOf(attempt).put(slots.result + attempt.round * slotsPerRound, encodeResult({ type: "again" }), attempt.untilMs)
    await transactions.run(async (tx) => saveLinkAttempt(tx, granted))
  }

  /** The new device finds it out in any case, by signing in. */
  #tellResult(attempt: LinkAttempt, result: Parameters<typeof encodeResult>[0]): void {
    const meeting = this.#meetingOf(attempt)
    meeting
      .put(slots.result + attempt.round * slotsPerRound, encodeResult(result), this.#parts.clock.nowMs() + answerWithinMs)
      .catch((error: unknown) => (isForeseen(error) ? undefined : this.#parts.fault(error)))
  }

  async #giveUp(error: ClientError): Promise<void> {
    const { transactions } = this.#parts
    const attempt = await this.#attemptIn(readerOf(transactions.database))
    await transactions.run(async (tx: Transaction) => deleteLinkAttempt(tx))
    if (attempt) this.#tellResult(attempt, { type: "ended", why: "invalid" })
    this.#failed(this.#attempt, error, { keepMeeting: true })
  }

  #failed(attempt: number, error: unknown, { keepMeeting = false }: { readonly keepMeeting?: boolean } = {}): void {
    if (attempt !== this.#attempt) return
    this.#attempt++
    this.#asked = undefined
    if (!keepMeeting) this.#meeting?.end()
    if (!isForeseen(error)) this.#parts.fault(error)
    this.#show({ ...this.#peerOf(), role: "old", step: "failed", failure: failureOf(error) })
  }

  #peerOf(attempt?: LinkAttempt): Pick<LinkView, "peer"> {
    if (this.#view?.peer) return { peer: this.#view.peer }
    if (!attempt) return {}
    const { name, deviceClass } = decodeHello(attempt.hello)
    return { peer: { name: shownName(name), deviceClass, atMs: this.#parts.clock.nowMs() } }
  }

  #show(view: LinkView): void {
    this.#view = view
    this.#parts.show(view)
  }
}

/** A name that shows nothing, or too much, is no name. */
function shownName(name: string): string {
  try {
    return checkedName(name, textLimits.nameCharacters)
  } catch (error) {
    if (error instanceof ClientError) return "?"
    throw error
  }
}

export function failureOf(error: unknown): NonNullable<LinkView["failure"]> {
  const known = error instanceof CodecError ? linkEnd("invalid", { cause: error }) : asClientError(error)
  return known instanceof ClientError ? { code: known.code, message: known.message } : { code: "link_failed", message: linkTexts.invalid }
}

export function isForeseen(error: unknown): boolean {
  return error instanceof ClientError || error instanceof WireError || error instanceof NetworkError || error instanceof CodecError
}

function hasChanged(error: unknown): boolean {
  if (error instanceof WireError) return error.code === "account_state_stale"
  return error instanceof ClientError && hasChanged(error.cause)
}
