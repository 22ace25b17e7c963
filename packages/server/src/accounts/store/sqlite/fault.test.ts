// The fault table: every operation that writes × every step that can fail × {not written, written anyway}.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { ErrorCode } from "@nodoor/wire"
import { random } from "../../../fixtures/device.ts"
import { refuses } from "../../../fixtures/refuses.ts"
import { device, deviceIn, keyPackage, newAccount } from "../../../fixtures/store-input.ts"
import type { OperationName, Store } from "../store.ts"
import { outsideTransaction } from "./batch.ts"
import type { Step } from "../../../sqlite/database.ts"
import { openInProcessStore } from "./in-process.ts"
import { operations, readOperations } from "./operations.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-fault-"))
after(() => rmSync(directory, { recursive: true }))
let files = 0

/** A store whose steps fail when told to, and a view of everything in its file. */
function breakable(): { readonly store: Store; breakAt(step: number, kind: Step): void; steps(): number; mend(): void; dump(): string } {
  let count = 0
  let broken: { readonly step: number; readonly kind: Step } | undefined
  const path = join(directory, `${files++}.sqlite`)
  const onStep = (kind: Step): void => {
    if (kind !== "committed") count++
    const hit = broken !== undefined && (broken.kind === "statement" ? kind !== "committed" && count === broken.step : kind === broken.kind)
    if (!hit) return
    broken = undefined
    throw Object.assign(new Error("disk I/O error"), { errcode: 10 })
  }
  const store = openInProcessStore(path, { onStep })
  const reader = new DatabaseSync(path, { readOnly: true })
  after(() => {
    reader.close()
    return store.close()
  })
  return {
    store,
    breakAt: (step, kind) => {
      count = 0
      broken = { step, kind }
    },
    steps: () => count,
    mend: () => {
      broken = undefined
      count = 0
    },
    dump: () => {
      const tables = reader
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .all() as { name: string }[]
      return tables
        .map(({ name }) => {
          const rows = reader.prepare(`SELECT * FROM ${name}`).all()
          return `${name}\n${rows.map((row) => JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value))).join("\n")}`
        })
        .join("\n")
    },
  }
}

interface Case {
  /** Prepares what the operation needs and returns the call: the same input every time. */
  readonly arrange: (store: Store) => Promise<() => Promise<unknown>>
  /** Doing it twice is not the same as doing it once; what must hold instead is asserted here. */
  readonly again?: "differs" | ErrorCode
}

const nowMs = 1_800_000_000_000
/** A claim of the one device of a new account, which has a one-time package. */
async function claimIn(store: Store): Promise<Parameters<Store["claimDevices"]>[0]> {
  const { account, deviceId } = await deviceIn(store, "alice")
  await store.uploadKeyPackages({ deviceId, oneTime: [keyPackage()], lastResort: undefined, maxOneTime: 10 })
  const one = { accountId: account.accountId, deviceIds: undefined, lastResortOnly: false }
  return { token: { hash: random(32), keyEpoch: 1 }, accounts: [one] }
}

const cases: Partial<Record<OperationName, Case>> = {
  registerAccount: {
    arrange: async (store) => {
      const inviteHash = random(32)
      await store.addInvites({ label: "x", only: false, codeHashes: [inviteHash], uses: 2, expiresAtMs: nowMs + 1 })
      const account = newAccount("carol", { inviteHash })
      return () => store.registerAccount(account)
    },
  },
  appendAccountState: {
    arrange: async (store) => {
      const { account } = await deviceIn(store, "alice")
      const next = {
        accountId: account.accountId,
        version: 1,
        state: random(9),
        stateHash: random(32),
        verifiedState: random(9),
        devices: [device()],
        erased: true,
      }
      return () => store.appendAccountState(next)
    },
  },
  eraseChain: {
    arrange: async (store) => {
      const { account } = await deviceIn(store, "alice")
      const { accountId } = account
      const next = { accountId, version: 1, state: random(9), stateHash: random(32), verifiedState: random(9), devices: [], erased: true }
      await store.appendAccountState(next)
      return () => store.eraseChain({ accountId })
    },
  },
  addTokenKey: {
    arrange: async (store) => {
      const row = { epoch: 1, privateKey: random(40), key: random(10) }
      return () => store.addTokenKey(row)
    },
  },
  dropTokenKeys: {
    arrange: async (store) => {
      await store.addTokenKey({ epoch: 1, privateKey: random(40), key: random(10) })
      await store.claimDevices({ token: { hash: random(32), keyEpoch: 1 }, accounts: [] })
      return () => store.dropTokenKeys({ before: 2 })
    },
  },
  noteSeen: {
    arrange: async (store) => {
      const { account } = await deviceIn(store, "alice")
      const seen = [{ accountId: account.accountId, periodMs: nowMs + 9e8, addresses: ["192.0.2.9"], addressesMs: nowMs + 9e8 }]
      return () => store.noteSeen({ seen })
    },
  },
  claimDevices: {
    arrange: async (store) => {
      const claim = await claimIn(store)
      return () => store.claimDevices(claim)
    },
    again: "token_spent",
  },
  addInvites: {
    arrange: async (store) => {
      const invites = { label: "x", only: true, codeHashes: [random(32), random(32)], uses: 1, expiresAtMs: nowMs }
      return () => store.addInvites(invites)
    },
  },
  changeAccount: {
    arrange: async (store) => {
      const { account, deviceId } = await deviceIn(store, "alice")
      await store.uploadKeyPackages({ deviceId, oneTime: [keyPackage()], lastResort: keyPackage(), maxOneTime: 2 })
      return () => store.changeAccount({ accountId: account.accountId, change: "erase" })
    },
  },
  eraseUnused: {
    arrange: async (store) => {
      await deviceIn(store, "alice")
      await deviceIn(store, "bob")
      const days = { noticeBefore: "2027-02-01", eraseBefore: "2027-02-01", noticedDays: 1, present: [], max: 9 }
      await store.eraseUnused({ ...days, today: "2027-02-01" })
      return () => store.eraseUnused({ ...days, today: "2027-02-02" })
    },
  },
  revokeInvite: {
    arrange: async (store) => {
      const codeHash = random(32)
      await store.addInvites({ label: "x", only: false, codeHashes: [codeHash], uses: 1, expiresAtMs: nowMs })
      return () => store.revokeInvite({ hashPrefix: codeHash.subarray(0, 8) })
    },
  },
  setting: {
    arrange: async (store) => {
      const setting = { name: "x", value: random(3) }
      return () => store.setting(setting)
    },
  },
  replaceSetting: {
    arrange: async (store) => {
      await store.setting({ name: "x", value: random(3) })
      const setting = { name: "x", value: random(3) }
      return () => store.replaceSetting(setting)
    },
  },
  uploadKeyPackages: {
    arrange: async (store) => {
      const { deviceId } = await deviceIn(store, "alice")
      const upload = { deviceId, oneTime: [keyPackage(), keyPackage()], lastResort: keyPackage(), maxOneTime: 2 }
      return () => store.uploadKeyPackages(upload)
    },
  },
  sweep: {
    arrange: async (store) => {
      await deviceIn(store, "alice")
      return () => store.sweep({ nowMs: nowMs + 9e9, addressesBeforeMs: nowMs + 1 })
    },
  },
}

test("the table has every operation that writes", () => {
  const writing = (Object.keys(operations) as OperationName[]).filter((name) => !readOperations.has(name) && !outsideTransaction.has(name))
  assert.deepEqual(writing.toSorted(), Object.keys(cases).toSorted())
})

for (const [name, { arrange, again }] of Object.entries(cases)) {
  test(`${name}: whichever step fails before the commit, nothing is written, the caller is told so, and the same call then succeeds`, async () => {
    const { store, breakAt, mend, steps, dump } = breakable()
    const call = await arrange(store)
    const before = dump()
    for (let step = 1; ; step++) {
      assert.ok(step < 200)
      breakAt(step, "statement")
      const outcome = await call().then(
        () => "done" as const,
        (error: unknown) => error,
      )
      if (outcome === "done") {
        assert.ok(steps() < step, "the step was never reached")
        break
      }
      await refuses("unavailable", Promise.reject(outcome))
      assert.equal(dump(), before, `step ${step}`)
      mend()
    }
    assert.notEqual(dump(), before)
  })

  test(`${name}: when the commit reached the disk and the answer was lost, the same call again ${again === "differs" ? "gives out nothing twice" : "leaves the same"}`, async () => {
    const { store, breakAt, mend, dump } = breakable()
    const call = await arrange(store)
    const before = dump()
    breakAt(0, "committed")
    await refuses("unavailable", call())
    mend()
    const written = dump()
    assert.notEqual(written, before)
    if (again !== undefined && again !== "differs") await refuses(again, call())
    const answer = again === undefined || again === "differs" ? await call() : undefined
    if (again !== "differs") assert.equal(dump(), written)
    else
      for (const { keyPackage: given } of answer as { keyPackage: Uint8Array }[])
        assert.ok(written.includes(toHex(given)), "was not given out before")
  })
}
