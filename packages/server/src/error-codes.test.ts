// Every code that the wire knows is refused with somewhere, and tested somewhere; and no other is ever used.

import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { errorCodes } from "@nodoor/wire"
import { serverErrorCodes } from "./core/server-error.ts"

const sources = globSync("**/*.ts", { cwd: import.meta.dirname }).map((path) => ({
  path,
  text: readFileSync(`${import.meta.dirname}/${path}`, "utf8"),
}))
const tests = sources.filter(({ path }) => /\.test\.ts$|contract\.ts$/.test(path) && path !== "error-codes.test.ts")
const code = sources.filter(({ path }) => !/\.test\.ts$|contract\.ts$|^fixtures\/|server-error\.ts$/.test(path))
const holds = (files: typeof sources, word: string): boolean => files.some(({ text }) => text.includes(`"${word}"`))

/** By its name, or as tests of answers of HTTP write it: `404 blob_not_found`. */
const isTested = (name: keyof typeof errorCodes): boolean => holds(tests, name) || holds(tests, `${errorCodes[name]} ${name}`)

/** Of the routes of groups and mailboxes, which the wire still describes. */
const withoutRoute = [
  "claim_invalid",
  "blocked",
  "group_not_found",
  "group_exists",
  "epoch_future",
  "too_many_devices",
  "slow_reader",
  "seat_taken",
  "cursor_ahead",
]

test("every error code of the wire is used by the server and has a test", () => {
  assert.deepEqual(
    (Object.keys(errorCodes) as (keyof typeof errorCodes)[]).filter(
      (name) => !withoutRoute.includes(name) && (!holds(code, name) || !isTested(name)),
    ),
    [],
  )
})

test("every WireError the server throws has a code of the wire, which the type checks, and every ServerError one of the list, with a test", () => {
  const thrown = new Set(code.flatMap(({ text }) => [...text.matchAll(/new ServerError\(\s*"([a-z_]+)"/g)].map(([, name]) => name ?? "")))
  assert.deepEqual(
    [...thrown].filter((name) => !(serverErrorCodes as readonly string[]).includes(name)),
    [],
  )
  const own = [...thrown].filter((name) => !name.startsWith("log_"))
  assert.deepEqual(
    own.filter((name) => !tests.some(({ text }) => text.includes(name))),
    [],
  )
})
