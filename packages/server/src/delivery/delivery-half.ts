// The delivery service without a transport: the logs of groups, and the two kinds of streams to them. It knows seats, bodies and passes; of
// accounts, devices and sessions it knows nothing, and it is given nothing of the account service but public keys of tokens.

import { callerOf } from "../core/address.ts"
import type { Clock, DeliveryMeter, Log, Random, Turn } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import type { BlobCall, BlobReply } from "./blob/blob-call.ts"
import type { BlobFiles } from "./blob/blob-files.ts"
import { Blobs } from "./blob/blobs.ts"
import { Acks } from "./log/acks.ts"
import type { Group } from "./log/group.ts"
import { Groups } from "./log/groups.ts"
import { Journal } from "./log/journal.ts"
import { type LogParts, hourOf } from "./log/log-parts.ts"
import { nameOf, placedHours } from "./log/places.ts"
import { type Debtor, type DeliveryRates, defaultDeliveryRates, owe } from "./log/rate.ts"
import { Rejoins } from "./log/rejoins.ts"
import { type Budgets, Passes, defaultBudgets } from "./pass/passes.ts"
import { TokenCheck, type TokenKeys } from "./pass/token.ts"
import type { DeliveryStore } from "./store/delivery-store.ts"
import { Admission } from "./stream/admission.ts"
import type { Channel } from "./stream/channel.ts"
import type { FramePort, FrameSink, StreamCaller } from "./stream/port.ts"
import { PostingStream } from "./stream/posting-stream.ts"
import { ReadingStream } from "./stream/reading-stream.ts"
import { tokenKeyEpoch } from "@nodoor/wire"

export interface DeliveryHalfPorts {
  readonly store: DeliveryStore
  readonly blobFiles: BlobFiles
  readonly clock: Clock
  readonly random: Random
  readonly turn: Turn
  readonly log: Log
  readonly meter?: DeliveryMeter | undefined
  /** Public keys only. */
  readonly tokenKeys: TokenKeys
}

export interface DeliveryHalfOptions {
  /** The server's name, for which tokens are issued. */
  readonly origin: string
  /** How long a body waits for a seat that does not fetch it. */
  readonly messageDays: number
  /** Most that may wait in one group's log; default 256 MiB. */
  readonly groupMaxBytes?: number
  /** Most that all blobs may take; default 20 GB. */
  readonly blobsMaxBytes?: number
  /** About how much memory the state of groups may take; default 256 MiB. */
  readonly stateMaxBytes?: number
  readonly rates?: DeliveryRates
  readonly budgets?: Budgets
}

export interface DeliveryHalf {
  connectRead(sink: FrameSink, caller: StreamCaller): FramePort
  connectPost(sink: FrameSink, caller: StreamCaller): FramePort
  /** Answers a request about a blob. Never rejects. */
  blob(call: BlobCall): Promise<BlobReply>
  /** Writes gathered acknowledgements, and ends streams whose pass has expired. Call every few seconds. */
  upkeep(): Promise<void>
  /** Writes gathered acknowledgements now. */
  writeAcks(): Promise<void>
  /** Erases what is past its time. Call every few minutes. */
  sweep(): Promise<void>
  /** Streams that are open. */
  streams(): { readonly reading: number; readonly posting: number }
  /** Resolves when everything that was accepted is on disk and answered, acknowledgements included. */
  settled(): Promise<void>
  /** Ends all streams. */
  close(): void
}

const mebibyte = 1024 * 1024
const defaultBlobsMaxBytes = 20e9
const passKeyBytes = 32
/** A group ends when nothing has come for so long after the last body's retention. A device that is open brings new keys every day. */
const unusedDays = 90
/** Groups looked at per transaction when sweeping, so that no caller waits long behind it. */
const sweepMax = 200
/** Callers whose rates are remembered at least. */
const callersMax = 50_000

/** @throws WireError `unavailable` from the store */
export async function createDeliveryHalf(ports: DeliveryHalfPorts, options: DeliveryHalfOptions): Promise<DeliveryHalf> {
  const { store, clock, random, log, meter } = ports
  const rates = options.rates ?? defaultDeliveryRates
  const groups = new Groups({ store, clock, log }, options.stateMaxBytes ?? 256 * mebibyte)
  const journal = new Journal({ store, turn: ports.turn, log, lost: (lost) => forget(groups, lost) })
  const rejoins = new Rejoins()
  const parts: LogParts = { groups, journal, rejoins, clock, log, rates, groupMaxBytes: options.groupMaxBytes ?? 256 * mebibyte }
  const acks = new Acks(parts)
  // Kept, so that a restart voids no pass.
  const passKey = await store.setting({ name: "pass_key", value: random(passKeyBytes) })
  const passes = new Passes(passKey, random, options.budgets ?? defaultBudgets)
  const tokens = new TokenCheck(ports.tokenKeys, options.origin, "pass")
  const admission = new Admission({ store, clock, passes, tokens })
  const blobs = new Blobs({
    store,
    files: ports.blobFiles,
    clock,
    random,
    log,
    admission,
    rate: rates.blobs,
    maxBytes: options.blobsMaxBytes ?? defaultBlobsMaxBytes,
  })
  await blobs.open()
  const callers = new RecentMap<{ readonly open: Debtor; readonly posts: Debtor }>(callersMax)
  const reading = new Set<ReadingStream>()
  const posting = new Set<PostingStream>()
  const flushLater = flusher(ports.turn)
  let closing = false

  const streams = (): { reading: number; posting: number } => ({ reading: reading.size, posting: posting.size })
  const counted = <Stream>(all: Set<Stream>) => ({
    ended: (stream: Stream) => {
      if (all.delete(stream)) meter?.streams(streams())
    },
  })
  const readingShared = { parts, store, acks, admission, flushLater, delivered: (n: number) => meter?.delivered(n), ...counted(reading) }
  const postingShared = { parts, admission, flushLater, ...counted(posting) }

  const callerAt = (address: string): { readonly open: Debtor; readonly posts: Debtor } => {
    const name = callerOf(address)
    const caller = callers.get(name) ?? { open: { paidOffMs: 0 }, posts: { paidOffMs: 0 } }
    callers.set(name, caller)
    return caller
  }
  const begin = <Stream extends ReadingStream | PostingStream>(all: Set<Stream>, stream: Stream, open: Debtor): Stream => {
    if (closing) stream.end("unavailable", "the server is stopping")
    else if (owe(open, clock.nowMs(), rates.open, 1) > 0) stream.end("rate_limited", "too many streams from one address")
    else {
      all.add(stream)
      meter?.streams(streams())
    }
    return stream
  }

  return {
    connectRead: (sink, { address }) => {
      const { open, posts } = callerAt(address)
      return begin(reading, new ReadingStream(sink, posts, readingShared), open)
    },
    connectPost: (sink, { address }) => {
      const { open, posts } = callerAt(address)
      return begin(posting, new PostingStream(sink, posts, postingShared), open)
    },
    blob: (call) => blobs.handle(call),
    upkeep: async () => {
      const hour = hourOf(clock.nowMs())
      for (const stream of [...reading, ...posting]) if (stream.expiryHour < hour) stream.end("pass_invalid", "the pass has expired")
      groups.recount()
      meter?.held({ groups: groups.held.groups, waiting: journal.waiting.entries })
      meter?.placed(journal.takeWritten())
      await acks.write()
      await journal.settled()
    },
    writeAcks: () => acks.write(),
    sweep: async () => {
      const nowMs = clock.nowMs()
      const hour = hourOf(nowMs)
      const cutoffs = {
        bodiesBeforeHour: hour - options.messageDays * 24,
        placedBeforeHour: hour - placedHours,
        unusedBeforeHour: hour - (options.messageDays + unusedDays) * 24,
        spentBeforeKeyEpoch: tokenKeyEpoch(nowMs) - 1,
        max: sweepMax,
      }
      let from: Uint8Array | undefined
      do {
        const swept = await store.sweep({ ...cutoffs, from })
        for (const { groupId } of swept.expired) reload(groups, groupId)
        from = swept.next
      } while (from !== undefined)
      rejoins.deleteBefore(nowMs - options.messageDays * 86_400_000)
      await blobs.sweep()
    },
    streams,
    settled: async () => {
      await acks.write()
      await journal.settled()
      if (closing) await blobs.close()
    },
    close: () => {
      closing = true
      for (const stream of [...reading, ...posting]) stream.end("unavailable", "the server is stopping")
      void blobs.close()
    },
  }
}

/** Once per turn of the event loop, what was written for each stream goes out in one frame. */
function flusher(turn: Turn): (channel: Channel) => void {
  let pending: Channel[] = []
  return (channel) => {
    pending.push(channel)
    if (pending.length > 1) return
    turn(() => {
      const due = pending
      pending = []
      for (const each of due) each.flush()
    })
  }
}

/** What is in memory may differ from what is on disk: readers come again, and the next use loads the groups. */
function forget(groups: Groups, lost: ReadonlySet<Group>): void {
  for (const group of lost) {
    for (const reader of group.readers.slice()) reader.ended("unavailable")
    groups.drop(group)
  }
}

/** Retention took something from the group on disk. */
function reload(groups: Groups, groupId: Uint8Array): void {
  const group = groups.find(nameOf(groupId))
  if (group?.isIdle === true) groups.drop(group)
}
