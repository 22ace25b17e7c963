// The log: one JSON object per line on standard error. Events and facts come from our own code and name no person, group or address;
// nothing of a request is ever written.

import { visible } from "@nodoor/wire/terminal"
import { pino } from "pino"
import { type Log, logFacts } from "./ports.ts"

/** `write` takes whole lines; without it they go to standard error. */
export function createLog(write?: (line: string) => void): Log {
  const stream = write === undefined ? standardError() : { write: (line: string) => write(visible(line)) }
  const logger = pino({ base: null, messageKey: "event", formatters: { level: (level) => ({ level }) } }, stream)
  const known: ReadonlySet<string> = new Set(logFacts)
  // The type already excludes other facts. Any that get past it are dropped.
  return (level, event, facts = {}) => logger[level](Object.fromEntries(Object.entries(facts).filter(([name]) => known.has(name))), event)
}

/** Lines that can't be written are lost. A log without a reader, or on a full disk, must not stop the server. */
function standardError(): { write(line: string): void } {
  const stream = pino.destination({ dest: 2, sync: true })
  stream.on("error", () => {})
  return { write: (line) => void stream.write(visible(line)) }
}
