// A reporter for node's test runner: every event as one line of JSON, so that another process can read what came of a file.

import type { TestEvent } from "node:test/reporters"
import { inspect } from "node:util"
import { processorMs } from "./processor-time.ts"

/** The last line: what all of it took of the processor, in place of an event. */
export const processorTime = "nodoor:processor"

/** What is used of an event. Errors are text by then. */
export interface EventLine {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly message?: string
    readonly level?: string
    readonly file?: string
    readonly line?: number
    readonly column?: number
    readonly testNumber?: number
    readonly skip?: boolean | string
    readonly todo?: boolean | string
    readonly details?: { readonly duration_ms?: number; readonly type?: string; readonly error?: string }
  }
}

// oxlint-disable-next-line import/no-default-export -- node takes a reporter no other way
export { eventLines as default }

async function* eventLines(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events)
    yield `${JSON.stringify(event, (_, value: unknown) => (value instanceof Error ? errorText(value) : value))}\n`
  const work: EventLine = { type: processorTime, data: { details: { duration_ms: processorMs() } } }
  yield `${JSON.stringify(work)}\n`
}

/** The runner wraps what a test threw. */
function errorText(error: Error): string {
  const thrown = error.cause ?? error
  return thrown instanceof Error ? inspect(thrown, { depth: 4 }) : inspect(thrown)
}
