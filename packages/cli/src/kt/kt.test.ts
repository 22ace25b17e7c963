// The programs as people run them, against a real server with real witnesses, and against one that lies.

import assert from "node:assert/strict"
import { nodeNetwork } from "@nodoor/client/node-network"
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { cpSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import {
  type NoteKey,
  accountLabel,
  decodeEntryBundle,
  emptyRoot,
  formatEvidence,
  formatLogEntry,
  growTiles,
  handleLabel,
  leafHash,
  noteKeyTypes,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
} from "@nodoor/keylog"
import { type LogSettings, type StartOptions, defaultLogSettings, startServer } from "@nodoor/server"
import { type SignedIn, callHttp, newDevice, nextState, signState, signUp, takeState } from "@nodoor/server/fixtures"
import { updateAccount } from "@nodoor/wire"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"
import { openAudit } from "./audit.ts"
import { AuditMirror } from "./audit-mirror.ts"
import { crypto, publicKeyOf } from "./crypto.ts"
import { startWitness } from "./witness.ts"

const { run } = scriptedTerminal(new ScriptedDevice())

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nodoor-kt-"))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

interface World {
  readonly url: string
  readonly verifierKey: string
  readonly dataDir: string
  readonly pin: string
  signUp(handle: string): Promise<SignedIn>
  addDevice(account: SignedIn): Promise<void>
  /** Ends the account, and erases what the log holds of it as two days later. */
  end(account: SignedIn): Promise<void>
  stop(): Promise<void>
}

const running = new WeakMap<TestContext, readonly (() => Promise<void>)[]>()

async function world(
  t: TestContext,
  log: Partial<LogSettings> = {},
  at: { readonly dataDir?: string; readonly port?: number; readonly rates?: StartOptions["rates"] } = {},
): Promise<World> {
  const dataDir = at.dataDir ?? (await mkdtemp(join(tmpdir(), "nodoor-kt-")))
  const server = await startServer({
    dataDir,
    port: at.port ?? 0,
    log: () => {},
    config: { log: { ...defaultLogSettings, epochMs: 100, ...log } },
    ...(at.rates && { rates: at.rates }),
  })
  const caller = callHttp(server.url)
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      caller.close()
      await server.stop()
    })())
  // A server whose data is taken from under it does not end well: every one of the test ends first.
  const stops = running.get(t) ?? []
  running.set(t, [...stops, stop])
  t.after(async () => {
    for (const each of running.get(t) ?? []) await each()
    await rm(dataDir, { recursive: true, force: true })
  })
  const logged = (account: SignedIn, version: number): Promise<void> =>
    server.keyLog.logged(Uint8Array.of(1, ...account.account.accountId), version)
  return {
    url: server.url,
    verifierKey: server.keyLog.verifierKey,
    pin: server.keyLog.pin,
    dataDir,
    stop,
    signUp: async (handle) => {
      const account = await signUp(caller, server.origin, handle)
      await logged(account, 0)
      return account
    },
    addDevice: async (signedIn) => {
      const { account, token } = signedIn
      const devices = [...account.devices, newDevice()]
      const state = nextState(account, devices)
      takeState(account, state, devices)
      await caller.call(updateAccount, { state }, token)
      await logged(signedIn, account.state.state.version)
    },
    end: async (signedIn) => {
      const { account, token } = signedIn
      const { state: before, stateHash } = account.state
      const version = before.version + 1
      const end = { ...before, version, prev: stateHash, kind: "tombstone" as const, devices: [] }
      const state = signState(end, account.devices.slice(0, 1))
      await caller.call(updateAccount, { state }, token)
      await logged(signedIn, version)
      await server.keyLog.keeper.eraseEnded({ account: accountLabel(before.accountId), handle: handleLabel(account.handle) })
    },
  }
}

/** Of this epoch and of the next: a server has them from its start. */
const keysForTokens = 2

test("checkpoint and lookup show what the log proves, with a pin or without, as text and as JSON", async (t) => {
  const { url, pin, signUp } = await world(t)
  const alice = await signUp("alice")
  const shown = await run(["kt", "checkpoint", url])
  assert.equal(shown.code, 0, shown.talk)
  assert.match(shown.out.join("\n"), /witnessed +not independently witnessed/)
  const head = JSON.parse((await run(["kt", "checkpoint", url, "--json", "--pin", pin])).out[0] ?? "") as Record<string, unknown>
  assert.deepEqual([head["pin"], head["tier"], head["keys"]], [pin, "solo", 2 + keysForTokens])

  assert.equal(head["reset_delay_ms"], 86_400_000)
  await signUp("bob")
  const [size, root] = [String(head["size"]), String(head["root"])]
  assert.ok(
    (await run(["kt", "checkpoint", url, "--at", size])).out.join("\n").includes(root),
    "an older head is found again in the newer log",
  )
  const at = JSON.parse((await run(["kt", "checkpoint", url, "--at", size, "--json"])).out[0] ?? "") as Record<string, unknown>
  assert.deepEqual([at["at"], at["root"] === root], [{ size: Number(size), root }, false])
  for (const wrong of ["0", "x", "100000"]) assert.equal((await run(["kt", "checkpoint", url, "--at", wrong])).code, 2, wrong)

  const id = Buffer.from(alice.account.accountId).toString("hex")
  for (const who of ["@alice", "alice", id]) {
    const found = await run(["kt", "lookup", url, who, "--json", "--pin", pin])
    assert.equal(found.code, 0, found.talk)
    const facts = JSON.parse(found.out[0] ?? "") as Record<string, unknown>
    assert.deepEqual([facts["account"], facts["version"], facts["resets"]], [id, 0, 0])
  }
  assert.match(
    (await run(["kt", "lookup", url, "@alice"])).out.join("\n"),
    new RegExp(`account +${id}[^]*recovery key +none[^]*key [0-9a-f]{64}`),
  )
})

test("lookup says of an erased account that it ended and no more, and an auditor finds nothing missing", async (t) => {
  const { url, signUp, end } = await world(t)
  const alice = await signUp("alice")
  await end(alice)
  for (const who of ["@alice", Buffer.from(alice.account.accountId).toString("hex")]) {
    const { code, out, talk } = await run(["kt", "lookup", url, who, "--json"])
    assert.equal(code, 0, talk)
    const facts = JSON.parse(out[0] ?? "") as Record<string, unknown>
    assert.deepEqual([facts["ended"], facts["account"]], [true, undefined])
    assert.match((await run(["kt", "lookup", url, who])).out.join("\n"), /erased who ended it/)
  }
  const audited = await run(["kt", "audit", url, "--dir", join(await folder(t), "a"), "--json", "--name", "auditor.example/a"])
  assert.deepEqual([audited.code, (JSON.parse(audited.out[0] ?? "") as { findings: unknown }).findings], [0, []])
})

test("exit codes: absent 3, another pin 4, nothing there 5, refused 6, nonsense 2", async (t) => {
  const { url } = await world(t)
  const code = async (...words: string[]): Promise<number> => (await run(["kt", ...words])).code
  assert.equal(await code("lookup", url, "@nobody"), 3)
  assert.equal(await code("checkpoint", url, "--pin", "0".repeat(64)), 4)
  assert.equal(await code("lookup", url, "@nobody", "--pin", "0".repeat(64)), 4)
  assert.equal(await code("checkpoint", "http://127.0.0.1:1"), 5)
  assert.equal(await code("checkpoint", `${url}/elsewhere/`), 5)
  assert.equal(await code("checkpoint", await folder(t)), 5)
  assert.equal(await code("lookup", url, "not a handle"), 2)
  assert.equal(await code("checkpoint", "ftp://x"), 2)
  assert.equal(await code("checkpoint", url, "--pin", "x"), 2)
  // The next one comes free in half an hour.
  const { url: busy } = await world(t, {}, { rates: { logSearchAddress: { burst: 4, perSecond: 1 / 1800 } } })
  const codes: number[] = []
  for (let i = 0; i < 5; i++) codes.push(await code("lookup", busy, "@nobody"))
  assert.deepEqual([codes[0], codes.at(-1)], [3, 6], "without a session searches are few")
})

test("a watch is quiet while nothing changes and ends with 4 when a device is added behind the owner's back", async (t) => {
  const { url, signUp, addDevice } = await world(t)
  const [alice] = [await signUp("alice"), await signUp("bob")]
  const dir = await folder(t)
  const token = join(dir, "token")
  assert.equal((await run(["kt", "lookup", url, "@alice", "--watch-token", token])).code, 0)
  assert.equal((await run(["kt", "lookup", url, "@alice", "--watch-token", token])).code, 2, "it does not overwrite")
  const watch = (state = "watch"): Promise<{ code: number; talk: string; out: readonly string[] }> =>
    run(["kt", "watch", url, "--token", token, "--dir", join(dir, state)])
  assert.equal((await watch()).code, 0)
  await signUp("carol")
  assert.equal((await watch()).code, 0)
  await addDevice(alice)
  const found = await watch()
  assert.deepEqual([found.code, found.out], [4, []])
  assert.match(found.talk, /watched account or handle.*\(watched_index\)/)
  assert.equal((await watch()).code, 4, "it does not get used to it")
  assert.equal((await watch("fresh")).code, 4, "nor does one that begins later")
  assert.doesNotMatch(await readFile(token, "utf8"), new RegExp(Buffer.from(alice.account.accountId).toString("hex")))

  await rm(token)
  assert.equal((await run(["kt", "lookup", url, "@alice", "--watch-token", token])).code, 0)
  assert.equal((await watch()).code, 0, "a new token for the new state")
})

test("an auditor replays, mirrors and signs; its mirror is a log that others can check and audit", async (t) => {
  const { url, pin, signUp, addDevice } = await world(t)
  const dir = await folder(t)
  const audit = (...more: string[]): ReturnType<typeof run> => run(["kt", "audit", url, "--dir", join(dir, "a"), "--json", ...more])
  assert.equal((await audit()).code, 2, "a new key needs a name")
  const alice = await signUp("alice")
  const first = await audit("--name", "auditor.example/a", "--pin", pin)
  assert.equal(first.code, 0, first.talk)
  const round = JSON.parse(first.out[0] ?? "") as Record<string, unknown>
  assert.deepEqual([round["keys"], round["findings"]], [2 + keysForTokens, []])
  await addDevice(alice)
  assert.equal((JSON.parse((await audit()).out[0] ?? "") as { keys: number }).keys, 3 + keysForTokens, "it went on from its mirror")

  const mirror = join(dir, "a", "mirror")
  const shown = await run(["kt", "checkpoint", mirror, "--pin", pin])
  assert.equal(shown.code, 0, shown.talk)
  assert.match(await readFile(join(mirror, "checkpoint"), "utf8"), /auditor\.example\/a/)
  assert.equal((await run(["kt", "audit", mirror, "--dir", join(dir, "b"), "--name", "auditor.example/b"])).code, 0)
  assert.equal((await audit("--pin", "0".repeat(64))).code, 4)
})

test("an auditor fails closed on anything that does not hold, and signs nothing", async (t) => {
  const { url, signUp } = await world(t)
  await signUp("alice")
  const dir = await folder(t)
  assert.equal((await run(["kt", "audit", url, "--dir", join(dir, "good"), "--name", "auditor.example/a"])).code, 0)
  const mirror = join(dir, "good", "mirror")
  const size = await mirroredSize(mirror)
  const bundle = join("tile", "entries", "000.p", String(size))
  const withRows = await firstDeltaWithRows(mirror)
  const cases: [name: string, code: number, change: (files: string) => Promise<void>][] = [
    ["a delta that is another", 4, (files) => flip(join(files, "delta", withRows), 40)],
    ["a delta that is withheld", 5, (files) => rm(join(files, "delta", withRows))],
    ["an entry that does not parse", 4, (files) => flip(join(files, bundle), 30)],
    ["an entry of an unknown kind", 4, (files) => replace(join(files, bundle), "kt-policy/v1", "kt-secret/v1")],
    ["a checkpoint with a bad signature", 4, (files) => spoilSignature(join(files, "checkpoint"))],
  ]
  for (const [name, expected, change] of cases) {
    const files = join(dir, name)
    cpSync(mirror, files, { recursive: true })
    await change(files)
    const own = join(dir, `audit of ${name}`)
    const { code, talk } = await run(["kt", "audit", files, "--dir", own, "--name", "auditor.example/b"])
    assert.equal(code, expected, `${name}: ${talk}`)
    assert.ok(!(await readdir(own, { recursive: true })).includes(join("mirror", "checkpoint")), name)
    if (expected === 4) assert.equal((await readdir(join(own, "evidence"))).length, 1, name)
  }
})

test("a log that signs two trees of one size: the auditor keeps the proof, and anybody verifies it offline", async (t) => {
  const log = await world(t)
  await log.signUp("alice")
  const dir = await folder(t)
  const own = join(dir, "a")
  assert.equal((await run(["kt", "audit", log.url, "--dir", own, "--name", "auditor.example/a"])).code, 0)
  await log.stop()
  const privateKey = new Uint8Array(Buffer.from((await readFile(join(log.dataDir, "log", "signing-1.key"), "utf8")).trim(), "base64"))
  const key: NoteKey = parseVerifierKey(crypto, log.verifierKey)
  assert.deepEqual([key.type, Buffer.from(key.publicKey)], [noteKeyTypes.ed25519, Buffer.from(publicKeyOf(privateKey))])
  const note = new Uint8Array(await readFile(join(own, "mirror", "checkpoint")))
  const { size } = parseCheckpoint(parseNote(note).text)
  const forked = signCheckpoint(crypto, { head: { size, root: emptyRoot(crypto) }, key, privateKey })
  const lying = join(dir, "lying")
  cpSync(join(own, "mirror"), lying, { recursive: true })
  await writeFile(join(lying, "checkpoint"), forked)
  const { code, talk } = await run(["kt", "audit", lying, "--dir", own])
  assert.equal(code, 4)
  assert.match(talk, /tree_fork/)
  const file = join(own, "evidence", `fork-${size}.txt`)
  const verdict = await run(["kt", "verify-evidence", file])
  assert.equal(verdict.code, 0, verdict.talk)
  assert.match(verdict.out.join("\n"), new RegExp(`two different logs of ${size} entries`))
  const harmless = join(dir, "harmless.txt")
  await writeFile(harmless, formatEvidence({ kind: "fork", logKey: log.verifierKey, notes: [note, note] }))
  assert.equal((await run(["kt", "verify-evidence", harmless])).code, 4)
  await writeFile(harmless, "kt-evidence/v1\n")
  assert.equal((await run(["kt", "verify-evidence", harmless])).code, 4)
  assert.equal((await run(["kt", "verify-evidence", join(dir, "none")])).code, 2)
})

test("a log that signs what cannot follow: an epoch set back, or a last entry that is none, is proven by its own signature", async (t) => {
  const log = await world(t)
  await log.signUp("alice")
  const dir = await folder(t)
  const own = join(dir, "a")
  assert.equal((await run(["kt", "audit", log.url, "--dir", own, "--name", "auditor.example/a"])).code, 0)
  await log.stop()
  const privateKey = new Uint8Array(Buffer.from((await readFile(join(log.dataDir, "log", "signing-1.key"), "utf8")).trim(), "base64"))
  const key = parseVerifierKey(crypto, log.verifierKey)
  const size = await mirroredSize(join(own, "mirror"))
  const entries = decodeEntryBundle(await readFile(join(own, "mirror", "tile", "entries", "000.p", String(size))), { width: size })
  const lastEntry = entries.at(-1) as Uint8Array
  const last = parseLogEntry(lastEntry)
  assert.ok(last.kind === "epoch")
  const setBack = formatLogEntry({ ...last, epoch: last.epoch + 1, timeMs: last.timeMs - 1, prev: crypto.sha256(lastEntry) })
  const release = formatLogEntry({ kind: "release", version: "1", manifestHash: new Uint8Array(32), effectiveMs: 0, emergency: false })
  for (const [name, entry, kind] of [
    ["set back", setBack, "epochs"],
    ["no epoch", release, "no-epoch"],
  ] as const) {
    const lying = new AuditMirror(join(dir, name))
    cpSync(join(own, "mirror"), lying.folder, { recursive: true })
    await lying.add([...entries, entry])
    await lying.writeDelta(last.epoch + 1, new Uint8Array())
    const leaves = [...entries, entry].map((bytes) => leafHash(crypto, bytes))
    const { tree } = growTiles(crypto, { size: 0, leaves, readTile: () => undefined })
    await lying.publish(signCheckpoint(crypto, { head: tree.head(), key, privateKey }))
    const auditing = join(dir, `audit of ${name}`)
    cpSync(own, auditing, { recursive: true })
    assert.equal((await run(["kt", "audit", lying.folder, "--dir", auditing])).code, 4, name)
    const file = join(auditing, "evidence", `${kind}-${size + 1}.txt`)
    const verdict = await run(["kt", "verify-evidence", file, "--json"])
    assert.equal(verdict.code, 0, verdict.talk)
    assert.equal((JSON.parse(verdict.out[0] ?? "") as { kind: string }).kind, kind)
  }
})

test("an auditor watches the tokens of others and tells their alarm program, once each", async (t) => {
  const { url, signUp, addDevice } = await world(t)
  const alice = await signUp("alice")
  const dir = await folder(t)
  const tokens = await folder(t)
  await run(["kt", "lookup", url, "@alice", "--watch-token", join(tokens, "anna")])
  const got = join(dir, "got")
  const alarm = join(dir, "alarm.sh")
  await writeFile(alarm, `#!/bin/sh\ncat >> "${got}"\n`, { mode: 0o700 })
  const program = await openAudit(url, {
    dir: join(dir, "a"),
    name: "auditor.example/a",
    tokens,
    alarm,
    network: async () => nodeNetwork(),
  })
  t.after(() => program.close())
  assert.deepEqual((await program.round(Date.now())).findings, [])
  await addDevice(alice)
  const { findings } = await program.round(Date.now())
  assert.deepEqual(
    findings.map(({ code, token }) => [code, token]),
    [["watched_index", "anna"]],
  )
  assert.deepEqual((await program.round(Date.now())).findings, [])
  assert.match(await readFile(got, "utf8"), /^\{"code":"watched_index",.*"token":"anna"\}\n$/)
  assert.equal((await readFile(join(dir, "a", "findings.jsonl"), "utf8")).trim().split("\n").length, 1)
})

test("a server with three witnesses and an auditor: checkpoints carry their signatures, and lookups say so", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "nodoor-kt-"))
  const solo = await world(t, {}, { dataDir })
  const { verifierKey, url } = solo
  const port = Number(new URL(url).port)
  await solo.stop()
  const dir = await folder(t)
  const listen = { host: "127.0.0.1", port: 0 }
  const lines: string[] = []
  for (const name of ["a", "b", "c"]) {
    const witness = await startWitness({ dir: join(dir, name), name: `${name}.example/w`, log: [verifierKey], listen }, () => {})
    t.after(() => witness.close())
    lines.push(`${witness.verifierKey} ${witness.url}`)
  }
  const auditor = await openAudit(url, { dir: join(dir, "auditor"), name: "auditor.example/a", listen, network: async () => nodeNetwork() })
  t.after(() => auditor.close())
  const log = await world(t, { witnesses: lines, auditors: [`${auditor.verifierKey} ${auditor.url}`] }, { dataDir, port })
  const alice = await log.signUp("alice")
  const before = await run(["kt", "checkpoint", url])
  assert.equal(before.code, 4, "the policy asks for an auditor that has not looked yet")
  assert.match(before.talk, /audit_missing/)
  await auditor.round(Date.now())
  let shown = await run(["kt", "lookup", url, "@alice", "--json"])
  for (let i = 0; i < 60 && shown.code !== 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    shown = await run(["kt", "lookup", url, "@alice", "--json"])
  }
  assert.equal(shown.code, 0, shown.talk)
  const { head } = JSON.parse(shown.out[0] ?? "") as { head: Record<string, unknown> }
  assert.deepEqual(
    [head["tier"], head["witnesses"], head["auditors"]],
    ["witnessed", ["a.example/w", "b.example/w", "c.example/w"], ["auditor.example/a"]],
  )
  assert.match((await run(["kt", "checkpoint", url])).out.join("\n"), /witnessed +by a\.example\/w, .*, audited by auditor\.example\/a/)
  await log.addDevice(alice)
  assert.equal((await run(["kt", "lookup", url, "@alice"])).code, 0)
})

test("a server that answers too much, too late or with other files is told apart from one that lies", async (t) => {
  const server = createServer((request, response) => {
    if (request.url === "/kt/checkpoint") response.end("x".repeat(70_000))
    else response.writeHead(302, { Location: "https://elsewhere.example/" }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, talk } = await run(["kt", "checkpoint", url])
  assert.deepEqual([code, /log_oversized/.test(talk)], [4, true])
  assert.equal((await run(["kt", "checkpoint", `${url}/redirected/`])).code, 5)
})

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] as number) ^ 1
  await writeFile(path, bytes)
}

async function replace(path: string, from: string, to: string): Promise<void> {
  const text = (await readFile(path)).toString("latin1")
  assert.ok(text.includes(from))
  await writeFile(path, Buffer.from(text.replace(from, to), "latin1"))
}

/** Another signature by the same key. */
async function spoilSignature(path: string): Promise<void> {
  const text = await readFile(path, "utf8")
  const at = text.indexOf(" ", text.indexOf("\n\u2014 ") + 4) + 30
  await writeFile(path, `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`)
}

async function mirroredSize(mirror: string): Promise<number> {
  return parseCheckpoint(parseNote(await readFile(join(mirror, "checkpoint"))).text).size
}

async function firstDeltaWithRows(mirror: string): Promise<string> {
  for (const name of (await readdir(join(mirror, "delta"))).toSorted()) {
    if ((await readFile(join(mirror, "delta", name))).length > 0) return name
  }
  return assert.fail("no rows in any delta")
}
