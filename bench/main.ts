// `npm run bench [-- NAME…] [--tiny] [--peers] [--write]`: runs benchmarks and prints their tables; --write puts them into docs/benchmarks.md.

import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { cpus, loadavg, release, totalmem } from "node:os"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { type Bench, toMarkdown, withSection } from "./section.ts"

/** A benchmark is a module of this folder; loaded only when it is asked for. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  archive: () => import("./archive.ts"),
  client: () => import("./client.ts"),
  healing: () => import("./healing.ts"),
  kt: () => import("./kt.ts"),
  link: () => import("./link.ts"),
  mls: () => import("./mls.ts"),
  renewal: () => import("./renewal.ts"),
  "second-device": () => import("./second-device.ts"),
  server: () => import("./server.ts"),
}

const root = resolve(import.meta.dirname, "..")
const document = resolve(root, "docs/benchmarks.md")
const heading = "# Benchmarks\n\nMeasured by `npm run bench -- NAME --write`. Medians, with the 5th and 95th percentile in brackets.\n"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: "boolean", default: false },
    tiny: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
})
const names = positionals.length === 0 ? Object.keys(benches) : positionals
const unknown = names.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`no benchmark named ${unknown.join(", ")}; there are: ${Object.keys(benches).join(", ")}\n`)
  process.exit(2)
}

/** Other work on the machine widens every spread; whoever reads the figures should know how much there was. */
const startLoad = loadavg()[0]?.toFixed(1) ?? "unknown"

for (const name of names) {
  const bench = await benches[name]?.()
  if (bench === undefined) continue
  const section = await bench.run({
    tiny: values.tiny,
    peers: values.peers,
    progress: (line) => process.stderr.write(`${name}: ${line}\n`),
  })
  const markdown = toMarkdown(section, provenance())
  process.stdout.write(`${markdown}\n`)
  if (!values.write) continue
  const before = existsSync(document) ? readFileSync(document, "utf8") : heading
  writeFileSync(document, withSection(before, values.peers ? `${name}-peers` : name, markdown))
}

/** Machine, versions, commit and day: without them a figure says nothing. */
function provenance(): string {
  const [processor] = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
  const day = new Date().toISOString().slice(0, 10)
  return `${processor?.model ?? "unknown processor"}, ${cpus().length} cores, ${gibibytes} GiB, Linux ${release()}, Node ${process.versions.node}; commit ${commit}, ${day}; load average at the start ${startLoad}.`
}
