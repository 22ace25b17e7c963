// The server as it is: both halves on two files, under one clock, with their upkeep, and everything else that somebody could be made to
// hand over.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Metrics, serviceMetrics } from "@nodoor/server/fixtures"
import { Names } from "../target/names.ts"
import type { Change, FileCopy, Night, Post, Readmission, Scrape, Target } from "../target/target.ts"
import { dayMs, earlierDays, startMs } from "../population/step.ts"
import { AccountSide } from "./account-side.ts"
import { DeliverySide } from "./delivery-side.ts"

const hourMs = 3_600_000
/** What is older than this at a copy is in the database. Before, segments gather six hours here: that makes no other rows, and much less work. */
const lastSegmentMs = 120_000
const segments = "segments"
/** Between two looks at the metrics. People come for five minutes to an hour, so that more of them would tell the same. */
const scrapeMs = 900_000

interface Sides {
  readonly accounts: AccountSide
  readonly delivery: DeliverySide
  readonly metrics: Metrics
}
/** In memory where the system has such a place: the disk of a test need not survive a power cut. */
const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

export class Halves implements Target {
  readonly names: Names
  readonly #directory: string
  readonly #accounts: AccountSide
  readonly #delivery: DeliverySide
  readonly #metrics: Metrics
  #scrapes: Scrape[] = []
  /** Of the last step that no scrape shows yet. */
  #movedMs: number | undefined
  #keptAtMs = 0

  private constructor(names: Names, directory: string, sides: Sides) {
    this.names = names
    this.#directory = directory
    this.#accounts = sides.accounts
    this.#delivery = sides.delivery
    this.#metrics = sides.metrics
  }

  static async open({ renews }: { readonly renews: boolean }): Promise<Halves> {
    const directory = mkdtempSync(join(base, "nodoor-jointest-"))
    mkdirSync(join(directory, segments))
    const names = new Names()
    const metrics = serviceMetrics()
    const accounts = await AccountSide.open(join(directory, "accounts.db"), {
      names,
      meter: metrics,
      startMs: startMs - earlierDays * dayMs,
    })
    const delivery = await DeliverySide.open(join(directory, "delivery.db"), join(directory, segments), {
      names,
      meter: metrics.delivery,
      renews,
    })
    return new Halves(names, directory, { accounts, delivery, metrics })
  }

  async register(device: number, account: number, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#accounts.register(device, account)
  }

  async come(device: number, { reads }: { readonly reads: readonly number[] }, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#accounts.come(device)
    await this.#delivery.come(device, reads)
    // Half of the devices keep backups; each grows as its person writes.
    if (device % 2 === 0) await this.#delivery.backUp(device, 4_000 + 300 * reads.length)
    await this.#delivery.world.half.writeAcks()
  }

  async leave(device: number, atMs: number): Promise<void> {
    await this.#at(atMs)
    this.#delivery.leave(device)
  }

  async create(group: number, device: number, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.create(group, device)
  }

  async add(group: number, { by, devices, readers }: Change, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.add(group, by, devices, readers)
    await this.#accounts.introduce(devices)
    await this.#delivery.world.half.writeAcks()
  }

  async remove(group: number, { by, devices, readers }: Change, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.remove(group, by, devices, readers)
    await this.#delivery.world.half.writeAcks()
  }

  async ask(group: number, device: number, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.ask(group, device)
  }

  async readmit(group: number, { by, device, readers }: Readmission, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.readmit(group, by, device, readers)
    await this.#delivery.world.half.writeAcks()
  }

  async post(group: number, { by, sizeBytes, readers }: Post, atMs: number): Promise<void> {
    await this.#at(atMs)
    await this.#delivery.post(group, by, sizeBytes, readers)
    await this.#delivery.world.half.writeAcks()
  }

  async night(_: number, atMs: number): Promise<Night> {
    const isIdle = atMs >= this.#keptAtMs + lastSegmentMs
    await this.#scrape()
    await this.#at(atMs)
    this.#movedMs = undefined
    if (isIdle) this.#delivery.store.takeOver()
    const files: FileCopy[] = []
    for (const half of ["accounts", "delivery"] as const)
      for (const path of [`${half}.db`, `${half}.db-wal`])
        if (existsSync(join(this.#directory, path))) files.push(this.#copy(path, half, atMs))
    for (const name of readdirSync(join(this.#directory, segments))) files.push(this.#copy(join(segments, name), "delivery", atMs))
    for (const { name, size } of await this.#delivery.blobs.list())
      for await (const bytes of await this.#delivery.blobs.read(name, 0, size))
        files.push({ path: `blobs/${name}`, half: "delivery", bytes, mtimeMs: Math.floor(atMs / dayMs) * dayMs })
    const lines = [...this.#accounts.world.logged, ...this.#delivery.world.log, ...(await this.#accounts.said())]
    const printed = this.#scrapes.at(-1)?.text ?? ""
    files.push({ path: "metrics", half: "text", bytes: Buffer.from(printed), mtimeMs: atMs })
    files.push({ path: "lines", half: "text", bytes: Buffer.from(lines.join("\n")), mtimeMs: atMs })
    const scrapes = this.#scrapes
    this.#scrapes = []
    return { files, scrapes }
  }

  /** Everything that /metrics prints of the services, once something happened. */
  async #scrape(): Promise<void> {
    if (this.#movedMs === undefined) return
    await this.#delivery.world.half.upkeep()
    if (this.#movedMs >= startMs)
      this.#scrapes.push({ atMs: Math.floor(this.#movedMs / scrapeMs) * scrapeMs, text: await this.#metrics.text() })
    this.#movedMs = undefined
  }

  #copy(path: string, half: "accounts" | "delivery", mtimeMs: number): FileCopy {
    return { path, half, bytes: readFileSync(join(this.#directory, path)), mtimeMs }
  }

  async close(): Promise<void> {
    this.#delivery.world.half.close()
    await this.#delivery.world.store.close()
    this.#accounts.world.delivery.close()
    await this.#accounts.world.store.close()
    rmSync(this.#directory, { recursive: true })
  }

  /** Sets both clocks, and does what the server does regularly: sweeping, and taking away what erased rows left. */
  async #at(atMs: number): Promise<void> {
    for (let hour = Math.ceil(this.#keptAtMs / 6 / hourMs) * 6 * hourMs; this.#keptAtMs > 0 && hour <= atMs; hour += 6 * hourMs) {
      this.#set(hour)
      await this.#accounts.world.delivery.sweep()
      await this.#accounts.world.store.eraseTraces({ nowMs: hour })
      this.#delivery.store.takeOver()
      await this.#delivery.world.half.sweep()
      await this.#delivery.world.store.eraseTraces({ nowMs: hour })
    }
    if (this.#movedMs !== undefined && Math.floor(atMs / scrapeMs) > Math.floor(this.#movedMs / scrapeMs)) await this.#scrape()
    this.#movedMs = atMs
    this.#keptAtMs = atMs + 1
    this.#set(atMs)
  }

  #set(atMs: number): void {
    this.#accounts.world.clock.timeMs = atMs
    this.#delivery.world.clock.set(atMs)
  }
}
