// Where the CLI reads and writes: results on stdout, talk on stderr, secrets and message texts on stdin.

import { createInterface } from "node:readline/promises"
import { CliError } from "./cli-error.ts"

export interface Terminal {
  /** A person sits at both ends: questions can be asked. */
  readonly interactive: boolean
  /** Resolves when the text is handed to the system. @throws CliError `output_closed` */
  print(text: string): Promise<void>
  /** Talk on stderr; never awaited, never a result. */
  talk(text: string): void
  /** All of stdin as UTF-8 text, at most `maxBytes`. @throws CliError `usage` when it is longer or not UTF-8 */
  readAll(maxBytes: number): Promise<string>
  /** Asks on stderr and reads one line. Only when `interactive`. */
  ask(question: string): Promise<string>
}

export function nodeTerminal(process: NodeJS.Process): Terminal {
  let failure: Error | undefined
  process.stdout.on("error", (error) => (failure = error))
  // Talk that nobody reads is lost; the results and the exit code are not.
  process.stderr.on("error", () => {})
  return {
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    print: (text) =>
      new Promise((resolve, reject) => {
        const settle = (error: Error | null | undefined): void => {
          if (error ?? failure)
            reject(new CliError("output_closed", "The output was closed before everything was written.", { cause: error }))
          else resolve()
        }
        process.stdout.write(`${text}\n`, settle)
      }),
    talk: (text) => void process.stderr.write(`${text}\n`),
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
        return await lines.question(question)
      } finally {
        lines.close()
      }
    },
  }
}

// What others wrote must not move the cursor, recolour the screen, set the window's title or turn the reading direction around.
const controls = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu

/** Text of others for a terminal: control characters and direction overrides are replaced, line breaks are kept and indented. */
export function harmless(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(controls, "\ufffd").replaceAll("\n", "\n    ")
}

/** The same on one line: for names and titles. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\s+/g, " ")
}

/** One line of JSON in which every control character and direction override is escaped. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value, (_key, entry: unknown) => (entry instanceof Uint8Array ? Buffer.from(entry).toString("hex") : entry))
  return text.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** Columns aligned by their widest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** `2026-05-01 09:30` in the terminal's time zone. */
export function minute(timeMs: number): string {
  const time = new Date(timeMs)
  const two = (value: number): string => String(value).padStart(2, "0")
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`
}
