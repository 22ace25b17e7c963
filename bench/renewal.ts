// How often devices bring new keys into their groups: the product's own schedule, run in virtual time for groups of several sizes under a
// plausible use. Counts, not times: nothing here depends on the machine.

import { type RenewalState, renewalLimits, renewalReason, renewalRetryMs, renewalTurnMs } from "@nodoor/client/renewal-schedule"
import { seededChance } from "../sim/randomness.ts"
import { formatBytes } from "./measurement.ts"
import type { BenchOptions, Section } from "./section.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** From a device to the server, and from there to the others. */
const wayMs = 150

/** How people use a group of this size. Everybody comes in the morning, within about half an hour, and some stay away for the day. */
interface Use {
  readonly devices: number
  readonly messagesPerDay: number
  readonly sessionsPerDay: number
  /** A commit with a path once the tree is filled, hybrid keys: what the benchmark of the MLS engine measured. */
  readonly commitBytes: number
}

const uses: readonly Use[] = [
  { devices: 2, messagesPerDay: 60, sessionsPerDay: 12, commitBytes: 3_935 },
  { devices: 32, messagesPerDay: 150, sessionsPerDay: 12, commitBytes: 13_500 },
  { devices: 1_000, messagesPerDay: 300, sessionsPerDay: 8, commitBytes: 25_500 },
]
const awayShare = 0.2
/** What one more node costs a commit with hybrid keys: by the sizes that the MLS engine's benchmark measured at 1,000 members, full and empty. */
const nodeBytes = 1_171

interface Member {
  pathMs: number | undefined
  messages: number
  dueMs: number | undefined
  jitter: number
  failures: number
  notBeforeMs: number
  onlineUntilMs: number
}

interface Counts {
  readonly days: number
  taken: number
  lost: number
  readonly perMinute: Map<number, number>
  /** Ages of a path when the next one came. */
  readonly agesMs: number[]
  /** By leaf, a day after the group was made: whether it has sent a path. */
  filled: readonly boolean[]
}

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const days = tiny ? 3 : 28
  const rows: string[][] = []
  for (const use of tiny ? uses.slice(0, 2) : uses) {
    progress(`a group of ${use.devices} for ${days} days`)
    const counts = simulate(use, days)
    const sorted = counts.agesMs.toSorted((a, b) => a - b)
    const at = (share: number): string => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / hourMs).toFixed(1)
    rows.push([
      `${use.devices.toLocaleString("en")} devices`,
      (counts.taken / use.devices / counts.days).toFixed(2),
      (counts.taken / counts.days).toFixed(use.devices < 10 ? 1 : 0),
      formatBytes(Math.round((counts.taken / counts.days) * use.commitBytes)),
      String(Math.max(0, ...counts.perMinute.values())),
      `${((100 * counts.lost) / Math.max(1, counts.taken + counts.lost)).toFixed(1)} %`,
      `${at(0.5)} h (${at(0.99)} h)`,
      `${formatBytes(Math.round(renameBytes(use, counts.filled)))} (${Math.round((100 * counts.filled.filter(Boolean).length) / use.devices)} %)`,
    ])
  }
  return {
    title: "New keys: commits that renew",
    tables: [
      {
        caption: "The client's schedule in virtual time",
        columns: [
          "",
          "commits per device and day",
          "commits in the group per day",
          "bytes that each device takes in per day",
          "most in one minute",
          "tries that lost the race",
          "hours between two of a device, median (99th percentile)",
          "a rename by the founder a day after the group was made (devices that have sent a path by then)",
        ],
        rows,
      },
    ],
    notes: [
      `Each row runs \`packages/client/src/sending/renewal-schedule.ts\` for ${days} days after everybody joined, the days after the first counted. Messages a day in the group: ${uses.map((use) => `${use.messagesPerDay} of ${use.devices} devices`).join(", ")}, each by somebody who is there. A device is there in ${uses.map((use) => use.sessionsPerDay).join(", ")} sessions a day of two to forty minutes; all come for the first time within half an hour of eight in the morning, and one in five stays away for the day. A commit is ${wayMs} ms under way to the server and as long to the others; of two that cross one loses.`,
      "These are the commits that renew and nothing else. Bytes are those of a commit in a filled tree, under the MLS engine; the first commits in a new group of 1,000 are larger, up to 1.2 MB.",
      `The group is made at midnight, and nobody comes before half past seven. The size of a rename is that of a commit in a filled tree and ${nodeBytes} bytes for every node more that it must encrypt to, with the devices in the tree that have sent a path by then: counted, not measured. The MLS engine's sizes are in the section above.`,
    ],
  }
}

function simulate(use: Use, days: number): Counts {
  const chance = seededChance(use.devices)
  const random = (): number => chance.next()
  const members = Array.from({ length: use.devices }, (): Member => newMember(random()))
  const counts: Counts = { days: days - 1, taken: 0, lost: 0, perMinute: new Map(), agesMs: [], filled: [] }
  let takenMs = -Infinity
  const queue = new Queue()

  const stateOf = ({ pathMs, messages, dueMs, jitter }: Member): RenewalState => ({ pathMs, messages, dueMs, jitter, leaves: use.devices })
  /** One try. It is lost if another commit came to the server that this device had not seen when it began. */
  const attempt = (member: Member, nowMs: number): void => {
    const counted = nowMs >= dayMs
    const reachesMs = nowMs + wayMs
    if (takenMs + wayMs > nowMs) {
      if (counted) counts.lost++
      member.failures++
      member.notBeforeMs = nowMs + renewalRetryMs(stateOf(member), member.failures)
      return
    }
    takenMs = reachesMs
    if (counted) {
      counts.taken++
      const minute = Math.floor(reachesMs / minuteMs)
      counts.perMinute.set(minute, (counts.perMinute.get(minute) ?? 0) + 1)
      if (member.pathMs !== undefined) counts.agesMs.push(reachesMs - member.pathMs)
    }
    Object.assign(member, { pathMs: reachesMs, messages: 0, dueMs: undefined, failures: 0, notBeforeMs: 0, jitter: random() })
  }
  /** As `Renewals` looks: now if it is its turn, or later in the session. */
  const look = (member: Member, nowMs: number): void => {
    if (nowMs >= member.onlineUntilMs) return
    const state = stateOf(member)
    if (renewalReason(state, nowMs) !== undefined) member.dueMs ??= nowMs
    const quietMs = use.devices > 2 ? takenMs + wayMs + renewalLimits.quietMs * (1 + member.jitter) : 0
    const turnMs = Math.max(renewalTurnMs(stateOf(member), nowMs), member.notBeforeMs, quietMs)
    if (turnMs <= nowMs) attempt(member, nowMs)
    queue.add(Math.max(nowMs + 1_000, Math.min(turnMs, nowMs + hourMs)), () =>
      look(member, Math.max(nowMs + 1_000, Math.min(turnMs, nowMs + hourMs))),
    )
  }

  for (let day = 0; day < days; day++) {
    for (const member of members) {
      if (random() < awayShare) continue
      const first = day * dayMs + 8 * hourMs + (random() - 0.5) * hourMs
      for (let nth = 0; nth < use.sessionsPerDay; nth++) {
        const startMs = nth === 0 ? first : first + random() * 14 * hourMs
        const lengthMs = (2 + random() * 38) * minuteMs
        queue.add(startMs, () => {
          const wasOnline = member.onlineUntilMs > startMs
          member.onlineUntilMs = Math.max(member.onlineUntilMs, startMs + lengthMs)
          if (!wasOnline) look(member, startMs)
        })
      }
    }
    for (let nth = 0; nth < use.messagesPerDay; nth++) {
      const atMs = day * dayMs + 8 * hourMs + random() * 14 * hourMs
      queue.add(atMs, () => {
        const there = members.filter((member) => member.onlineUntilMs > atMs)
        const member = there[Math.floor(random() * there.length)]
        if (!member) return
        if (renewalReason(stateOf(member), atMs) !== undefined && member.notBeforeMs <= atMs) attempt(member, atMs)
        member.messages++
      })
    }
  }
  queue.add(dayMs, () => (counts.filled = members.map(({ pathMs }) => pathMs !== undefined)))
  queue.run(days * dayMs)
  return counts
}

/** Nodes that a commit by the first leaf encrypts to: on its copath one each, and where nobody below has sent a path, every leaf (RFC 9420 §4.1.1). */
function encryptedTo(filled: readonly boolean[]): number {
  let nodes = 0
  for (let width = 1; width < filled.length; width *= 2) {
    const below = filled.slice(width, 2 * width)
    nodes += below.some(Boolean) ? 1 : below.length
  }
  return nodes
}

function renameBytes({ commitBytes, devices }: Use, filled: readonly boolean[]): number {
  return commitBytes + (encryptedTo(filled) - Math.ceil(Math.log2(devices))) * nodeBytes
}

function newMember(jitter: number): Member {
  return { pathMs: undefined, messages: 0, dueMs: undefined, jitter, failures: 0, notBeforeMs: 0, onlineUntilMs: 0 }
}

/** What happens when, earliest first: a binary heap. */
class Queue {
  readonly #heap: { readonly atMs: number; readonly run: () => void }[] = []

  add(atMs: number, run: () => void): void {
    const heap = this.#heap
    heap.push({ atMs, run })
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1
      if (this.#at(parent) <= this.#at(at)) break
      this.#swap(parent, at)
      at = parent
    }
  }

  run(untilMs: number): void {
    const heap = this.#heap
    for (let next = heap[0]; next !== undefined && next.atMs < untilMs; next = heap[0]) {
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) {
        heap[0] = last
        this.#sink()
      }
      next.run()
    }
  }

  #sink(): void {
    for (let at = 0; ;) {
      const child = 2 * at + 1
      const smaller = this.#at(child + 1) < this.#at(child) ? child + 1 : child
      if (this.#at(at) <= this.#at(smaller)) return
      this.#swap(at, smaller)
      at = smaller
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Infinity
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const [first, second] = [heap[a], heap[b]]
    if (first && second) [heap[a], heap[b]] = [second, first]
  }
}
