// What an operator, or whoever holds the machine, may do to the log's file or answers: readers refuse, and keep what they had.

import assert from "node:assert/strict"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { AssertionError } from "@nodoor/bytes"
import { KeylogError, type KeylogErrorCode, encodeHeadState, handleLabel } from "@nodoor/keylog"
import { TestFeed, TestReader, advance, configEntry, filesIn, labelOf, logFolder, openTestKeeper, startMs } from "../../fixtures/log.ts"

interface World {
  readonly folder: string
  readonly feed: TestFeed
  readonly alice: ReturnType<TestFeed["register"]>
  readonly bob: ReturnType<TestFeed["register"]>
  readonly config: Uint8Array
}

/** A log with two accounts on disk. */
async function world(): Promise<World> {
  const folder = logFolder()
  const { keeper, close } = openTestKeeper(folder)
  const feed = new TestFeed()
  const [alice, bob] = [feed.register("alice"), feed.register("bob")]
  advance(keeper, feed, startMs)
  const config = configEntry(keeper)
  close()
  return { folder, feed, alice, bob, config }
}

function change(folder: string, sql: string, ...values: (Uint8Array | number)[]): void {
  const db = new DatabaseSync(filesIn(folder).databasePath)
  assert.ok(Number(db.prepare(sql).run(...values).changes) > 0)
  db.close()
}

test("no changed byte of an answer convinces a reader, and it keeps what it had", async () => {
  const { folder, alice, config } = await world()
  const { keeper, close } = openTestKeeper(folder)
  let flip = -1
  let length = 0
  const reader = new TestReader(config, (request) => {
    const answer = keeper.search({ request })
    length = answer.length
    if (flip >= 0) answer[flip] = (answer[flip] as number) ^ 4
    return answer
  })
  const labels = [handleLabel("alice"), labelOf(alice)]
  await reader.look(labels, startMs)
  await reader.look(labels, startMs)
  const before = encodeHeadState(reader.head as NonNullable<typeof reader.head>)
  for (flip = 0; flip < length; flip += 41) {
    await assert.rejects(reader.look(labels, startMs), KeylogError, `byte ${flip}`)
    assert.deepEqual(encodeHeadState(reader.head as NonNullable<typeof reader.head>), before)
  }
  close()
})

const cases: readonly (readonly [name: string, code: KeylogErrorCode, tamper: (world: World) => void])[] = [
  [
    "another value under an account's commitment",
    "commitment",
    ({ folder, alice, bob }) => change(folder, "UPDATE versions SET value = ? WHERE label = ?", bob.state.signed, labelOf(alice)),
  ],
  [
    "a handle that points at somebody else",
    "commitment",
    ({ folder, feed }) => {
      const { handle } = feed.rows[1] as (typeof feed.rows)[0]
      assert.ok(handle)
      change(folder, "UPDATE versions SET value = ? WHERE label = ?", handle.binding, handleLabel("alice"))
    },
  ],
  [
    "another opening",
    "commitment",
    ({ folder, alice }) => change(folder, "UPDATE versions SET opening = ? WHERE label = ?", new Uint8Array(16), labelOf(alice)),
  ],
  [
    "the VRF proof of another label",
    "vrf_proof",
    ({ folder, alice, bob }) =>
      change(
        folder,
        "UPDATE versions SET (vrf_proof, map_index) = (SELECT vrf_proof, map_index FROM versions WHERE label = ?) WHERE label = ?",
        labelOf(bob),
        labelOf(alice),
      ),
  ],
  [
    "an account that is left out of the answers",
    "ladder",
    ({ folder, alice }) => change(folder, "DELETE FROM versions WHERE label = ?", labelOf(alice)),
  ],
]

for (const [name, code, tamper] of cases) {
  test(`in the file: ${name} is refused as ${code}`, async () => {
    const tampered = await world()
    tamper(tampered)
    const { keeper, close } = openTestKeeper(tampered.folder)
    const reader = new TestReader(tampered.config, (request) => keeper.search({ request }))
    await assert.rejects(
      reader.look([handleLabel("alice"), labelOf(tampered.alice)], startMs),
      (error: unknown) => error instanceof KeylogError && error.code === code,
    )
    assert.equal(reader.head, undefined)
    close()
  })
}

test("a delta, an entry or a tile that was changed in the file: the log does not start, or nobody believes it", async () => {
  for (const sql of [
    "UPDATE epochs SET delta = CAST(substr(delta, 1, 64) || zeroblob(length(delta) - 64) AS BLOB) WHERE epoch = 0",
    "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'epoch 0', 'epoch 7') AS BLOB) WHERE kind = 'epoch'",
    "UPDATE tiles SET hashes = zeroblob(length(hashes))",
  ]) {
    const { folder, config, alice } = await world()
    change(folder, sql)
    await assert.rejects(
      async () => {
        const { keeper, close } = openTestKeeper(folder)
        try {
          await new TestReader(config, (request) => keeper.search({ request })).look([labelOf(alice)], startMs)
        } finally {
          close()
        }
      },
      (error: unknown) => error instanceof KeylogError || error instanceof AssertionError,
      sql,
    )
  }
})
