// Nodoor beside the servers that people would use in its place: one load generator, the same work, runs in turn.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BenchOptions, Section, Table } from "../../section.ts"
import { syncsPerSecond } from "../disk.ts"
import { type Lengths, type Losses, type Turn, countLosses, takeTurn } from "./contest.ts"
import { ejabberd } from "./ejabberd.ts"
import { mosquitto } from "./mosquitto.ts"
import { bare, nodoor } from "./nodoor.ts"
import { type Peer, isPinned } from "./peer.ts"
import { prosody } from "./prosody.ts"

interface Measured {
  readonly peer: Peer
  readonly turns: Turn[]
  readonly losses: Losses | undefined
}

const full: Lengths = { warmMs: 1_000, measureMs: 2_500, pairs: 50, groupSize: 100 }
const small: Lengths = { warmMs: 100, measureMs: 200, pairs: 4, groupSize: 6 }

export async function comparePeers({ tiny, progress }: BenchOptions): Promise<Section> {
  const all = [nodoor, ejabberd({ archive: false }), ejabberd({ archive: true }), prosody({ archive: false }), mosquitto(), bare]
  const found = all.filter(({ version }) => version !== undefined)
  const missing = all.filter(({ version }) => version === undefined)
  const peers = tiny ? found.filter((peer) => peer === nodoor || peer === bare) : found
  const lengths = tiny ? small : full
  const directory = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  try {
    const measured: Measured[] = peers.map((peer) => ({ peer, turns: [], losses: undefined }))
    const rounds = tiny ? 1 : 3
    for (let round = 0; round < rounds; round++) {
      for (const { peer, turns } of measured) {
        const folder = join(directory, `${round}-${peers.indexOf(peer)}`)
        turns.push(await takeTurn(peer, folder, lengths, (line) => progress(`round ${round + 1}, ${line}`)))
        rmSync(folder, { recursive: true, force: true })
      }
    }
    const withLosses: Measured[] = []
    for (const { peer, turns } of measured) {
      if (tiny || peer === bare) {
        withLosses.push({ peer, turns, losses: undefined })
        continue
      }
      progress(`${peer.name}: SIGKILL`)
      const kills = peer === nodoor ? 20 : 3
      const losses = await countLosses(peer, join(directory, `kill-${peers.indexOf(peer)}`), { kills, pairs: 20, loadMs: 400 })
      withLosses.push({ peer, turns, losses })
    }
    const syncs = syncsPerSecond(directory, tiny ? 50 : 2_000)
    return sectionOf(withLosses, missing, { lengths, rounds, syncs })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Run {
  readonly lengths: Lengths
  readonly rounds: number
  readonly syncs: number
}

/** What is compared of a turn. */
const measures: readonly { readonly name: string; readonly goal: string; readonly of: (turn: Turn) => number }[] = [
  { name: "16 under way, posts/s", goal: "≥ 5 × ejabberd", of: ({ many }) => many.perSecond },
  { name: "1 under way, posts/s", goal: "≥ 1.9 × ejabberd", of: ({ single }) => single.perSecond },
  { name: "p99 at 16, ms", goal: "≤ 40", of: ({ many }) => many.p99Ms },
  { name: "p99 at 1, ms", goal: "", of: ({ single }) => single.p99Ms },
  { name: "server's processor time per post at 16, µs", goal: "", of: ({ many }) => many.processorUs },
  { name: "group, deliveries/s", goal: "≥ 12 × ejabberd", of: ({ group }) => group.perSecond },
  { name: "p99 in the group, ms", goal: "", of: ({ group }) => group.p99Ms },
  { name: "stored for absent devices, posts/s", goal: "≥ 35,000", of: ({ absent }) => absent.storedPerSecond },
  { name: "read by them afterwards, posts/s", goal: "", of: ({ absent }) => absent.fetchedPerSecond },
]

function sectionOf(measured: readonly Measured[], missing: readonly Peer[], { lengths, rounds, syncs }: Run): Section {
  const names = measured.map(({ peer }) => (peer === nodoor || peer === bare ? peer.name : `${peer.name} ${peer.version}`))
  const figures: Table = {
    caption: `${lengths.pairs} pairs of devices, 256 bytes; a group of ${lengths.groupSize}, 8 under way; medians of ${rounds} alternating runs (least–most)`,
    columns: ["", ...names, "goal"],
    rows: [
      ...measures.map(({ name, goal, of }) => [name, ...measured.map(({ turns }) => spread(turns.map(of))), goal]),
      ["acknowledged posts lost to SIGKILL", ...measured.map(({ losses }) => lossesOf(losses)), "0"],
    ],
  }
  return {
    title: "Beside other servers",
    tables: [figures, ratios(measured, names)],
    notes: [
      isPinned
        ? "One generator process with the same work for all, on one core; the server on the other (`taskset`). All on this machine, without TLS."
        : "One generator process with the same work for all. **Not pinned**: this machine has one core or no `taskset`, so server and generator shared what there is.",
      "A post counts once, when the other device has it; in the group, once for each other member. The next of a lane is sent when one is done: with Nodoor and MQTT also answered by the server, which with Nodoor means that it is on the disk (`fdatasync`). XMPP answers nothing while both are connected. Bodies are bytes in the place of ciphertexts, and every check of the server counts. Nodoor's sender reads its own post back, as its other devices would, and this is not counted.",
      "*Stored* counts posts that the server has taken over: Nodoor's and MQTT's answers, XMPP's `<a/>` (XEP-0198). *Read afterwards*: all those devices come at once. The prototype keeps nothing for them.",
      `*Acknowledged and lost*: ${measured
        .map(({ peer, losses }) => (losses ? `${peer.name} ${losses.kills} × SIGKILL` : ""))
        .filter(Boolean)
        .join(
          ", ",
        )}, each in the middle of such posts; then the server is started again on its folder and the devices read. The machine kept its power. Mosquitto saves every 30 minutes as it is installed.`,
      `The bare prototype (\`bench/server/peers/bare-process.ts\`) hands on the same frames after one write and one \`fdatasync\` for all that came in the meantime, with the \`ws\` package, without a check, a table or erasing. The disk alone does ${whole(syncs)} writes of 4 KiB with \`fdatasync\` a second, one after the other.`,
      ...(missing.length === 0 ? [] : [`Not found here and left out: ${missing.map(({ name }) => name).join(", ")}.`]),
    ],
  }
}

/** Nodoor over each other, run by run. */
function ratios(measured: readonly Measured[], names: readonly string[]): Table {
  const own = measured[0] as Measured
  const rows = measures
    .filter(({ name }) => name.endsWith("/s"))
    .map(({ name, of }) => [
      name,
      ...measured.slice(1).map(({ turns }) => {
        const each = turns.map((turn, round) => of(own.turns[round] as Turn) / of(turn))
        // A peer that does not do this did it never a second.
        if (!each.every(Number.isFinite)) return "–"
        return `${median(each).toFixed(2)} × (${Math.min(...each).toFixed(2)}–${Math.max(...each).toFixed(2)})`
      }),
    ])
  return { caption: "Nodoor over each, run by run", columns: ["", ...names.slice(1)], rows }
}

function lossesOf(losses: Losses | undefined): string {
  return losses === undefined ? "–" : `${whole(losses.lost)} of ${whole(losses.acknowledged)}`
}

function spread(figures: readonly number[]): string {
  if (!figures.every((figure) => Number.isFinite(figure) && figure > 0)) return "–"
  const digits = (value: number): string => (value >= 1_000 ? whole(value) : value.toPrecision(3))
  return `${digits(median(figures))} (${digits(Math.min(...figures))}–${digits(Math.max(...figures))})`
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en")
}
