// Getting into an account, on the device that is new. Nothing is stored until the account was handed over; from then on the device has its keys
// and what it signed, and is in when the server knows it, whatever happens to either device in between.

import { CodecError, bytes, equal } from "@nodoor/bytes"
import {
  type DeviceClass,
  KeylogError,
  type VerifiedAccountState,
  coSignAccountState,
  findDevice,
  verifyAccountChain,
  verifyAccountState,
} from "@nodoor/keylog"
import { generateSigner } from "@nodoor/mls"
import { type ServerInfo, WireError, idBytes, limits, serverInfo } from "@nodoor/wire"
import { ClientError, NetworkError, asClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { pause } from "../core/pause.ts"
import type { Ports } from "../core/ports.ts"
import { Session } from "../core/session.ts"
import { productSuite } from "../core/suite.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import { Transactions } from "../core/transaction.ts"
import { activateDevice, deleteDevice, findOwnDevice, insertLinkingDevice } from "../store/device.ts"
import { insertHistoryDue } from "../store/history-transfer.ts"
import { deleteLinkAttempt, findLinkAttempt, saveLinkAttempt } from "../store/link.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { deleteAllStates, insertState } from "../store/trust/account-states.ts"
import { beginWithLog } from "../store/trust/key-log.ts"
import { accountTexts } from "../texts/en.ts"
import { linkTexts } from "../texts/en-link.ts"
import { isRecoverySeedOf } from "../trust/account/recovery-key.ts"
import type { LinkView } from "../view/link-view.ts"
import { codeLink, codeSecretBytes, codeText, readCode } from "./code.ts"
import { Meeting } from "./meeting.ts"
import {
  type Ending,
  type Grant,
  type Hello,
  commitmentOf,
  decodeOffer,
  decodeResult,
  encodeHello,
  encodeSignature,
  nonceBytes,
  numberOf,
  openGrant,
  roundsMax,
  slots,
  slotsPerRound,
  transcriptOf,
} from "./messages.ts"
import { type LinkEnd, linkEnd } from "./link-end.ts"
import { failureOf, isForeseen } from "./old-link.ts"

export interface NewDeviceOptions {
  readonly serverUrl: string
  /** A link of another server is refused: a page of this one may talk to no other. */
  readonly onlyThere?: boolean
  readonly deviceClass: DeviceClass
  /** What the person sees of it on the other device. */
  readonly deviceName: string
  readonly how: { readonly show: true } | { readonly code: string }
}

export interface Linking {
  /** Resolves when the account lists the device, which `openDevice` opens then. @throws ClientError `link_unfinished`, or as `linkEnd` */
  readonly done: Promise<void>
  /** Ends it. What was handed over already stays until another begins. */
  cancel(): void
}

/** Whoever shows the code that was typed here is there. */
const answerWithinMs = 30_000
/** The signed version may reach the log late. */
const listedWithinMs = 600_000
const lookAgainMs = 2_000

const endings: Readonly<Record<Ending, LinkEnd>> = {
  denied: "denied",
  wrong_number: "wrongNumber",
  cancelled: "denied",
  expired: "expired",
  account_changed: "changed",
  not_allowed: "notAllowed",
  invalid: "interrupted",
}

/**
 * Gets this device into an account, in an empty store. One that was cut short after the account was handed over goes on with what is stored.
 * `hears` is told how it goes.
 */
export function linkDevice(ports: Ports, options: NewDeviceOptions, hears: (view: LinkView) => void): Linking {
  const link = new NewLink(ports, options, hears)
  return { done: link.run(), cancel: () => link.cancel() }
}

/** Whether the account lists the device now: then it is its device from here on. @throws WireError, NetworkError */
export async function completeLinking(ports: Ports, own: OwnDevice): Promise<boolean> {
  try {
    await new Session(ports, own).token()
  } catch (error) {
    if (error instanceof WireError && error.code === "unauthorized") return false
    throw error
  }
  await new Transactions(ports.database).run(async (tx) => {
    activateDevice(tx)
    deleteLinkAttempt(tx)
    insertHistoryDue(tx, own.deviceId)
  })
  return true
}

class NewLink {
  readonly #ports: Ports
  readonly #options: NewDeviceOptions
  readonly #hears: (view: LinkView) => void
  readonly #cancelled = Promise.withResolvers<void>()
  #meeting: Meeting | undefined
  #isCancelled = false

  constructor(ports: Ports, options: NewDeviceOptions, hears: (view: LinkView) => void) {
    this.#ports = ports
    this.#options = options
    this.#hears = hears
  }

  cancel(): void {
    this.#isCancelled = true
    this.#cancelled.resolve()
    this.#meeting?.end()
  }

  async run(): Promise<void> {
    try {
      await migrate(this.#ports.database)
      if (!(await this.#resume())) await this.#begin()
      this.#show({ step: "done" })
    } catch (error) {
      const known =
        error instanceof CodecError
          ? linkEnd("invalid", { cause: error })
          : error instanceof NetworkError
            ? linkEnd("offline", { cause: error })
            : asClientError(error)
      this.#show({ step: "failed", failure: failureOf(known) })
      throw known
    } finally {
      this.#meeting?.end()
    }
  }

  /** What was handed over to this device before it stopped. False when there is nothing, or it is over. */
  async #resume(): Promise<boolean> {
    const { database, clock } = this.#ports
    const own = await findOwnDevice(readerOf(database))
    if (own && own.status !== "linking") throw new ClientError("already_registered", accountTexts.alreadyRegistered)
    if (!own) return false
    if (await completeLinking(this.#ports, own)) return true
    const attempt = await findLinkAttempt(readerOf(database))
    if (!attempt || clock.nowMs() >= attempt.untilMs) return false
    this.#show({ step: "adding" })
    const meeting = this.#meetAt(own.serverUrl, attempt)
    await meeting.putSealed(slots.signature + attempt.round * slotsPerRound, attempt.sealed, attempt.untilMs)
    return await this.#untilListed(own, meeting, attempt)
  }

  #meetAt(serverUrl: string, { secret, taker }: { readonly secret: Uint8Array; readonly taker: Uint8Array }): Meeting {
    this.#meeting = new Meeting(this.#ports, { serverUrl, secret, taker })
    if (this.#isCancelled) this.#meeting.end()
    return this.#meeting
  }

  async #begin(): Promise<void> {
    const { crypto, random, clock } = this.#ports
    const { how, deviceClass } = this.#options
    const code = "code" in how ? readCode(how.code) : { secret: random(codeSecretBytes) }
    const serverUrl = "serverUrl" in code && code.serverUrl !== undefined ? code.serverUrl : this.#options.serverUrl
    if (this.#options.onlyThere === true && serverUrl !== new URL(this.#options.serverUrl).origin && serverUrl !== this.#options.serverUrl)
      throw linkEnd("otherServer")
    const server = await this.#ports.network.call(serverUrl, serverInfo, {})
    const taker = Meeting.taker(random)
    const meeting = this.#meetAt(serverUrl, { secret: code.secret, taker })
    const kem = crypto.suite(productSuite).deriveKeyPair(random(32))
    const deviceId = bytes<"DeviceId">(random(idBytes))
    const signer = generateSigner({ crypto, timeMs: clock.nowMs() }, { suite: productSuite, identity: new Uint8Array() })
    const hello: Hello = {
      kemKey: kem.publicKey.bytes,
      deviceId,
      deviceClass,
      signatureKey: signer.publicKey,
      name: checkedName(this.#options.deviceName, textLimits.nameCharacters),
      nonce: random(nonceBytes),
    }
    const helloBytes = encodeHello(hello)
    const commitment = commitmentOf(crypto, helloBytes)
    const expiresAtMs = clock.nowMs() + limits.rendezvousMs
    await meeting.put(slots.commitment, commitment, clock.nowMs() + answerWithinMs)
    this.#show(
      "code" in how
        ? { step: "connecting", expiresAtMs }
        : { step: "showing", code: codeText(code.secret), link: codeLink(serverUrl, code.secret), expiresAtMs },
    )
    const offer = await ("code" in how
      ? meeting.take(slots.offer, clock.nowMs() + answerWithinMs)
      : meeting.take(slots.offer, expiresAtMs, "expired"))
    decodeOffer(offer)
    const untilMs = clock.nowMs() + limits.rendezvousAnsweredMs - limits.rendezvousMs
    const transcript = transcriptOf(crypto, { commitment, offer, hello: helloBytes })
    await meeting.put(slots.hello, helloBytes, untilMs)
    this.#show({ step: "choosing", number: numberOf(transcript), expiresAtMs: untilMs })
    await this.#getIn({
      serverUrl,
      server,
      hello,
      helloBytes,
      transcript,
      secret: code.secret,
      taker,
      untilMs,
      kemSeed: kem.privateKey.bytes,
      signatureSeed: signer.privateKey,
      meeting,
    })
  }

  /** In as many rounds as it takes. */
  async #getIn(asked: AskedIn): Promise<void> {
    for (let round = 0; round < roundsMax; round++) {
      const { meeting, untilMs, kemSeed, transcript } = asked
      const said = openGrant(this.#ports.crypto, await meeting.take(slots.grant + round * slotsPerRound, untilMs), { kemSeed, transcript })
      if ("type" in said) throw linkEnd(said.type === "ended" ? endings[said.why] : "invalid")
      this.#show({ step: "adding" })
      const own = await this.#take(asked, said, round)
      const attempt = await findLinkAttempt(readerOf(this.#ports.database))
      if (!attempt) throw linkEnd("interrupted")
      await meeting.putSealed(slots.signature + round * slotsPerRound, attempt.sealed, untilMs)
      if (await this.#untilListed(own, meeting, attempt)) return
    }
    throw linkEnd("changed")
  }

  /** Checks what was handed over, signs the version that lists this device, and stores all of it. @throws ClientError as `linkEnd` */
  async #take(asked: AskedIn, grant: Grant, round: number): Promise<OwnDevice> {
    const { database } = this.#ports
    const { serverUrl, server, hello, helloBytes, transcript, secret, taker, untilMs, signatureSeed, meeting } = asked
    const { states, next } = this.#checked(asked, grant)
    const { accountId, handle, recoverySeed, log } = grant
    const sealed = meeting.seal(slots.signature + round * slotsPerRound, encodeSignature(next.signed))
    await new Transactions(database).run(async (tx) => {
      deleteDevice(tx)
      deleteAllStates(tx)
      insertLinkingDevice(tx, {
        serverUrl,
        server,
        accountId,
        deviceId: hello.deviceId,
        deviceClass: hello.deviceClass,
        handle,
        name: checkedName(grant.name, textLimits.nameCharacters),
        signatureKey: hello.signatureKey,
        signatureSeed,
        recoverySeed,
      })
      for (const state of [...states, next]) insertState(tx, state)
      if (log) beginWithLog(tx, log)
      saveLinkAttempt(tx, {
        role: "new",
        stage: "signed",
        secret,
        taker,
        untilMs,
        round,
        hello: helloBytes,
        transcript,
        next: next.signed,
        sealed,
      })
    })
    const own = await findOwnDevice(readerOf(database))
    if (!own) throw linkEnd("interrupted")
    return own
  }

  /** The account's chain, and its next version: the one before with this device and nothing else. */
  #checked(
    { server, hello, signatureSeed }: AskedIn,
    { accountId, states: signed, next: offered, recoverySeed }: Grant,
  ): { readonly states: readonly VerifiedAccountState[]; readonly next: VerifiedAccountState } {
    const { crypto } = this.#ports
    try {
      const about = { origin: server.origin, accountId }
      const states = verifyAccountChain(crypto, { ...about, previous: undefined, states: signed })
      const previous = states.at(-1)
      if (!previous) throw linkEnd("invalid")
      const whole = coSignAccountState(crypto, offered, { deviceId: hello.deviceId, privateKey: signatureSeed })
      const next = verifyAccountState(crypto, { ...about, previous, next: whole })
      const added = findDevice(next.state, hello.deviceId)
      const isOnlyAddition =
        next.kind === "update" &&
        added !== undefined &&
        equal(added.signatureKey, hello.signatureKey) &&
        added.deviceClass === hello.deviceClass &&
        next.state.devices.length === previous.state.devices.length + 1 &&
        previous.state.devices.every(({ deviceId }) => findDevice(next.state, deviceId) !== undefined)
      if (!isOnlyAddition) throw linkEnd("invalid")
      if (recoverySeed && !isRecoverySeedOf(crypto, next, recoverySeed)) throw linkEnd("invalid")
      return { states, next }
    } catch (error) {
      if (error instanceof KeylogError) throw linkEnd("invalid", { cause: error })
      throw error
    }
  }

  /** True when the server knows the device; false when another round follows. @throws ClientError `link_unfinished`, or as `linkEnd` */
  async #untilListed(
    own: OwnDevice,
    meeting: Meeting,
    { round, untilMs }: { readonly round: number; readonly untilMs: number },
  ): Promise<boolean> {
    const { clock, timers } = this.#ports
    const result = meeting.take(slots.result + round * slotsPerRound, untilMs).then(decodeResult)
    // Who is told nothing finds it out by signing in.
    let said: Awaited<typeof result> | undefined
    let hasSaid = false
    const heard = result.then(
      (known) => {
        said = known
        hasSaid = true
      },
      (error: unknown) => {
        hasSaid = true
        if (!isForeseen(error)) throw error
      },
    )
    const endMs = untilMs + listedWithinMs
    for (;;) {
      if (this.#isCancelled) throw linkEnd("cancelled")
      try {
        if (await completeLinking(this.#ports, own)) return true
      } catch (error) {
        if (!(error instanceof NetworkError || error instanceof WireError)) throw error
      }
      if (said?.type === "again") return false
      if (said?.type === "ended") {
        await new Transactions(this.#ports.database).run(async (tx) => deleteLinkAttempt(tx))
        throw linkEnd(endings[said.why])
      }
      if (clock.nowMs() >= endMs) throw new ClientError("link_unfinished", linkTexts.unfinished)
      await Promise.race([pause(timers, lookAgainMs), this.#cancelled.promise, ...(hasSaid ? [] : [heard])])
    }
  }

  #show(view: Omit<LinkView, "role">): void {
    this.#hears({ role: "new", ...view })
  }
}

interface AskedIn {
  readonly serverUrl: string
  readonly server: ServerInfo
  readonly hello: Hello
  readonly helloBytes: Uint8Array
  readonly transcript: Uint8Array
  readonly secret: Uint8Array
  readonly taker: Uint8Array
  readonly untilMs: number
  readonly kemSeed: Uint8Array
  readonly signatureSeed: Uint8Array
  readonly meeting: Meeting
}
