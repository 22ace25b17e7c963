// Where the CLI reads and writes: results on stdout, talk on stderr, secrets and message texts on stdin.

import { type MessageView, writtenLongBeforeMs } from "@nodoor/client"
import { halfBlocks, visible, visibleLine } from "@nodoor/wire/terminal"
import { createInterface } from "node:readline/promises"
import { encodeQR } from "qr"
import { CliError } from "./cli-error.ts"

export interface Terminal {
  /** A person sits at both ends: questions can be asked. */
  readonly interactive: boolean
  /** Resolves when the text is handed to the system. @throws CliError `output_closed` */
  print(text: string): Promise<void>
  /** Talk on stderr; never awaited, never a result. */
  talk(text: string): void
  /** A QR code on stdout, in colours if that is a terminal. */
  printQr(text: string): Promise<void>
  /** All of stdin as UTF-8 text, at most `maxBytes`. @throws CliError `usage` when it is longer or not UTF-8 */
  readAll(maxBytes: number): Promise<string>
  /** Asks on stderr and reads one line. Only when `interactive`. */
  ask(question: string): Promise<string>
}

/** Everything that it writes is made visible first: whatever a command passes on, nothing of it steers the terminal. */
export function nodeTerminal(process: NodeJS.Process): Terminal {
  let failure: Error | undefined
  process.stdout.on("error", (error) => (failure = error))
  // Talk that nobody reads is lost; the results and the exit code are not.
  process.stderr.on("error", () => {})
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (error: Error | null | undefined): void => {
        if (error ?? failure)
          reject(new CliError("output_closed", "The output was closed before everything was written.", { cause: error }))
        else resolve()
      }
      process.stdout.write(`${text}\n`, settle)
    })
  return {
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    print: (text) => write(visible(text)),
    talk: (text) => void process.stderr.write(`${visible(text)}\n`),
    printQr: (text) => write(halfBlocks(encodeQR(text, "raw", { border: 2, ecc: "low" }), { colour: process.stdout.isTTY })),
    readAll: async (maxBytes) => {
      const parts: Buffer[] = []
      let sizeBytes = 0
      for await (const part of process.stdin as AsyncIterable<Buffer>) {
        sizeBytes += part.length
        if (sizeBytes > maxBytes) throw new CliError("usage", `The input is longer than ${maxBytes} bytes.`)
        parts.push(part)
      }
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts))
      } catch (error) {
        throw new CliError("usage", "The input is not UTF-8 text.", { cause: error })
      }
    },
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      try {
        return await lines.question(visible(question))
      } finally {
        lines.close()
      }
    },
  }
}

/** Text of others, of several lines: what would steer the terminal is shown as escapes, and its line breaks are indented, so that none looks like a line of ours. */
export function harmless(text: string): string {
  return visible(text.replaceAll("\r\n", "\n")).replaceAll("\n", "\n    ")
}

/** The same on one line: for names, titles and messages of errors. */
export const harmlessLine: (text: string) => string = visibleLine

/** One line of JSON in which every control character and direction override is escaped. */
export function jsonLine(value: unknown): string {
  return visible(
    JSON.stringify(value, (_key, entry: unknown) => (entry instanceof Uint8Array ? Buffer.from(entry).toString("hex") : entry)),
  ).replace(/[\u2068\u2069]/g, (isolate) => `\\u${isolate.charCodeAt(0).toString(16)}`)
}

/** Columns aligned by their widest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** After a message that came long after it was written: by the clock of whoever wrote it. */
export function lateNote(message: Pick<MessageView, "sentMs" | "timeMs" | "order">): string {
  const sentMs = message.order === undefined ? undefined : writtenLongBeforeMs(message)
  return sentMs === undefined ? "" : ` (sent ${minute(sentMs)}, arrived ${minute(message.timeMs)})`
}

/** Isolates around a name that is written from right to left take no place. */
function widthOf(cell: string): number {
  return cell.replace(/[\u2068\u2069]/g, "").length
}

/** `1 day 12 hours`, `5 minutes`: the largest unit and the next smaller one. */
export function duration(timeMs: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1000],
    ["millisecond", 1],
  ]
  const first = units.findIndex(([, unitMs]) => timeMs >= unitMs)
  if (first < 0) return "no time"
  let leftMs = timeMs
  const parts = units.slice(first, first + 2).map(([unit, unitMs]) => {
    const value = Math.floor(leftMs / unitMs)
    leftMs -= value * unitMs
    return value === 0 ? "" : counted(value, unit)
  })
  return parts.filter((part) => part !== "").join(" ")
}

/** `1 day`, `2 days`. */
export function counted(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? "" : "s"}`
}

/** `2026-05-01 09:30` in the terminal's time zone. */
export function minute(timeMs: number): string {
  const time = new Date(timeMs)
  const two = (value: number): string => String(value).padStart(2, "0")
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`
}
