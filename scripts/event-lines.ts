// A reporter for node's test runner: one line of JSON for every test that failed, and nothing else.

import type { TestEvent } from "node:test/reporters"

export interface FailedTest {
  readonly name: string
  readonly error: string
}

// oxlint-disable-next-line import/no-default-export -- node takes a reporter no other way
export { failedTests as default }

async function* failedTests(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type !== "test:fail" || (data.todo !== undefined && data.todo !== false)) continue
    const cause = data.details.error.cause ?? data.details.error
    const error = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    yield `${JSON.stringify({ name: data.name, error: error.split("\n")[0] ?? "" } satisfies FailedTest)}\n`
  }
}
