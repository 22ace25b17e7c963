// npm run --silent vectors -- DIR: checks every vector file below DIR and closes with one line of counts.
// A family of formats is one entry of `families`; the first that does not skip an entry has the say.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { nobleLogCrypto } from "@nodoor/keylog"
import { runKeylogVector } from "@nodoor/keylog/vectors"
import { nodeProvider } from "@nodoor/mls/node"
import { type Json, type VectorResult, parseJson, runMlsVector } from "@nodoor/mls/vectors"

type Family = (entry: Json, fileName: string) => VectorResult

const families: readonly Family[] = [(entry) => runMlsVector(entry, nodeProvider), (entry) => runKeylogVector(entry, nobleLogCrypto)]

const directory = process.argv[2]
if (directory === undefined || !existsSync(directory)) {
  process.stderr.write("usage: npm run --silent vectors -- DIR (a directory of vector files, or one file)\n")
  process.exit(2)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const file of jsonFiles(directory)) runFile(file)
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed > 0 ? 1 : 0

function jsonFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path, { recursive: true, encoding: "utf8" })
  return names
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => join(path, name))
}

function runFile(file: string): void {
  const name = relative(directory as string, file) || file
  let content: Json
  try {
    content = parseJson(readFileSync(file, "utf8"))
  } catch {
    counts.failed++
    process.stdout.write(`${name}: not JSON\n`)
    return
  }
  const before = { ...counts }
  const entries: readonly Json[] = Array.isArray(content) ? content : [content]
  entries.forEach((entry, i) => {
    const result = run(entry, name)
    counts[result.outcome]++
    if (result.outcome === "failed") process.stdout.write(`${name}[${i}] (${result.format}): ${result.reason}\n`)
  })
  const difference = (key: keyof typeof counts): number => counts[key] - before[key]
  process.stdout.write(`${name}: ${difference("passed")} passed, ${difference("failed")} failed, ${difference("skipped")} skipped\n`)
}

function run(entry: Json, fileName: string): VectorResult {
  let result: VectorResult = { outcome: "skipped", reason: "no family" }
  for (const family of families) {
    result = family(entry, fileName)
    if (result.outcome !== "skipped") return result
  }
  return result
}
