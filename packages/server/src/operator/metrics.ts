// Counts and durations for Prometheus. Labels are routes and codes of the wire: closed lists that name no person, group or address.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client"
import type { DeliveryMeter, LogMeter, Meter } from "../core/ports.ts"

export interface Metrics extends Meter, LogMeter {
  readonly delivery: DeliveryMeter
  text(): Promise<string>
}

/** `registry`: where the metrics are kept; default: one of their own. */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const answers = new Counter({
    name: "nodoor_answers_total",
    help: "Requests answered, by route and code",
    labelNames: ["route", "code"],
    registers,
  })
  const answerSeconds = new Histogram({
    name: "nodoor_answer_seconds",
    help: "Time from a request's last byte to its answer",
    labelNames: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const commitSeconds = new Histogram({
    name: "nodoor_store_commit_seconds",
    help: "Time of one transaction with its fsync",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1],
    registers,
  })
  const commitOperations = new Histogram({
    name: "nodoor_store_commit_operations",
    help: "Operations that shared one transaction",
    buckets: [1, 2, 5, 10, 25, 50, 100, 500, 2000],
    registers,
  })
  const streams = new Gauge({ name: "nodoor_streams", help: "Devices connected", registers })
  const records = new Counter({ name: "nodoor_records_sent_total", help: "Mailbox records sent on streams", registers })
  const log = createLogMeter(registers)
  return {
    ...log,
    delivery: createDeliveryMeter(registers),
    answered: (route, code, durationMs) => {
      answers.inc({ route, code })
      answerSeconds.observe({ route }, durationMs / 1000)
    },
    stored: ({ operations, durationMs }) => {
      commitSeconds.observe(durationMs / 1000)
      commitOperations.observe(operations)
    },
    streams: (open) => streams.set(open),
    delivered: (count) => records.inc(count),
    text: () => registry.metrics(),
  }
}

function createLogMeter(registers: Registry[]): LogMeter {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers })
  const size = gauge("nodoor_log_size", "Entries in the transparency log")
  const keys = gauge("nodoor_log_keys", "Keys in its map")
  const mapBytes = gauge("nodoor_log_map_bytes", "Memory of its map")
  const waiting = gauge("nodoor_log_waiting", "Account states that the last epoch left for the next")
  const publishedSeconds = gauge("nodoor_log_published_timestamp_seconds", "When the last checkpoint was published")
  const epochSeconds = gauge(
    "nodoor_log_epoch_timestamp_seconds",
    "The time that the newest epoch states; ahead after this clock was ahead",
  )
  const witnesses = gauge("nodoor_log_witnesses", "Independent witnesses that signed it")
  const refused = gauge("nodoor_log_refused", "1 while nothing may be signed; the log says why")
  const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  const build = new Histogram({ name: "nodoor_log_build_seconds", help: "Time to write an epoch", buckets, registers })
  const publish = new Histogram({ name: "nodoor_log_publish_seconds", help: "Time to collect signatures and publish", buckets, registers })
  return {
    logged: (epoch) => {
      size.set(epoch.size)
      keys.set(epoch.keyCount)
      mapBytes.set(epoch.mapBytes)
      waiting.set(epoch.waiting)
    },
    published: (checkpoint) => {
      publishedSeconds.set(checkpoint.atMs / 1000)
      witnesses.set(checkpoint.witnesses)
      build.observe(checkpoint.buildMs / 1000)
      publish.observe(checkpoint.publishMs / 1000)
    },
    epoch: (timeMs) => epochSeconds.set(timeMs / 1000),
    refused: (isRefused) => refused.set(isRefused ? 1 : 0),
  }
}

function createDeliveryMeter(registers: Registry[]): DeliveryMeter {
  const streams = new Gauge({ name: "nodoor_delivery_streams", help: "Streams open, by kind", labelNames: ["kind"], registers })
  const posts = new Counter({ name: "nodoor_posts_total", help: "Bodies placed in logs", registers })
  const delivered = new Counter({ name: "nodoor_delivered_total", help: "Records sent to those who read", registers })
  const groups = new Gauge({ name: "nodoor_groups_in_memory", help: "Groups in memory", registers })
  const waiting = new Gauge({ name: "nodoor_posts_waiting", help: "Bodies on their way to the disk", registers })
  return {
    streams: ({ reading, posting }) => {
      streams.set({ kind: "reading" }, reading)
      streams.set({ kind: "posting" }, posting)
    },
    placed: (count) => posts.inc(count),
    delivered: (count) => delivered.inc(count),
    held: (held) => {
      groups.set(held.groups)
      waiting.set(held.waiting)
    },
  }
}
