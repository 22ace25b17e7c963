import { strict as assert } from "node:assert"
import { test } from "node:test"
import { concat, toHex, toUtf8 } from "@nodoor/bytes"
import { maxPastEpochs } from "../../src/codec/limits.ts"
import type { CipherSuiteId } from "../../src/provider/provider.ts"
import { Device, welcomeOf } from "./testing/device.ts"
import { firstSeed, seededChoices } from "./testing/seeded.ts"
import { type SecretLog, emptyLog, watched } from "./testing/watched-provider.ts"

const seed = firstSeed()
const steps = process.env["NODOOR_LONG"] === "1" ? 300 : 30

/** Labels of secrets that belong to one epoch alone; none is of use for application messages still on their way (RFC 9420 §8). */
const endWithEpoch = new Set(["init", "exporter", "external", "confirm", "membership", "authentication"])
/** Never stored at all: they are on the way to something else. */
const neverStored = new Set(["joiner", "welcome", "epoch", "path", "node", "extract"])

/** Every key and nonce that anything was sealed with, by anybody. */
const sealedEver = new Set<string>()

/** A device that searches its whole store, after each step, for every secret that RFC 9420 says is gone by then. */
class WatchedDevice extends Device {
  #log: SecretLog
  #epoch = -1n
  /** Secrets that must be gone for good, each with the reason. */
  readonly #gone = new Map<string, string>()
  /** Secrets of an epoch that end with it or a few epochs later: what they are, and the first epoch without them. */
  readonly #ending: { readonly what: string; readonly secret: Uint8Array; readonly fromEpoch: bigint }[] = []
  /** Private HPKE keys that our next path replaces. */
  #ownKeys: Uint8Array[] = []

  constructor(name: string, suite: CipherSuiteId) {
    const holder = { log: emptyLog() }
    super(name, `${seed}/${suite}`, { suite, wrap: (provider) => watched(provider, () => holder.log) })
    this.#log = holder.log
    this.#fresh = () => {
      this.#log = holder.log = emptyLog()
    }
  }

  readonly #fresh: () => void

  /** To call after every step that was kept. `ownPath`: the step was a commit of ours with a path. */
  check(step: string, { ownPath = false }: { readonly ownPath?: boolean } = {}): void {
    const { derivations, aeadKeys, sealings, privateKeys } = this.#log
    this.#fresh()
    const { epoch } = this.state
    for (const sealing of sealings) {
      assert.ok(!sealedEver.has(sealing), `${this.name} after ${step}: two things are sealed with one key and nonce`)
      sealedEver.add(sealing)
    }
    for (const key of aeadKeys) this.#never(key, "an AEAD key that was used")
    for (const { label, context, from, to } of derivations) {
      // RFC 9420 §9.2: a secret of the tree or of a ratchet goes when something was derived from it.
      const isRatchet = context.length === 4 && (label === "key" || label === "nonce" || label === "secret")
      if (label === "tree" || isRatchet)
        this.#never(from, `the ${label === "tree" ? "tree" : "ratchet"} secret from which ${label} was derived`)
      if (neverStored.has(label)) this.#never(to, `the ${label} secret`)
      if (endWithEpoch.has(label)) this.#ending.push({ what: `the ${label} secret of epoch ${epoch}`, secret: to, fromEpoch: epoch + 1n })
      if (label === "sender data" || label === "encryption") {
        this.#ending.push({ what: `the ${label} secret of epoch ${epoch}`, secret: to, fromEpoch: epoch + BigInt(maxPastEpochs) + 1n })
      }
    }
    if (ownPath) for (const key of this.#ownKeys) this.#never(key, "a private key that our own path replaced")
    if (ownPath) this.#ownKeys = []
    this.#ownKeys.push(...privateKeys)
    this.#epoch = epoch
    this.#search(step)
  }

  /** To call after joining: of the two private keys of the KeyPackage, only the leaf's may be left. */
  checkJoined(keyPackageKeys: readonly Uint8Array[]): void {
    const left = keyPackageKeys.filter((key) => this.#holds(key))
    assert.ok(left.length <= 1, "the init key is gone after joining (RFC 9420 §12.4.3.1)")
    this.check("join")
  }

  takePrivateKeys(): Uint8Array[] {
    return this.#log.privateKeys.splice(0)
  }

  get secretsWatched(): number {
    return this.#gone.size + this.#ending.length
  }

  #never(secret: Uint8Array, what: string): void {
    this.#gone.set(toHex(secret), what)
  }

  #search(step: string): void {
    const disk = Buffer.from(concat(...this.store.values())).toString("hex")
    for (const [secret, what] of this.#gone) assert.ok(!disk.includes(secret), `${this.name} after ${step}: ${what} is still stored`)
    for (const { what, secret, fromEpoch } of this.#ending) {
      if (this.#epoch >= fromEpoch)
        assert.ok(!disk.includes(toHex(secret)), `${this.name} after ${step} in epoch ${this.#epoch}: ${what} is still stored`)
    }
  }

  #holds(secret: Uint8Array): boolean {
    return [...this.store.values()].some((value) => Buffer.from(value).includes(secret))
  }
}

for (const suite of [0x0001, 0x004f] as const) {
  test(`after each step no record holds a consumed key, a passed epoch's secret, a used init key or a replaced private key (suite ${suite})`, () => {
    const choose = seededChoices(`${seed}/forward-secrecy/${suite}`)
    const names = ["a", "b", "c", "d", "e"] as const
    const devices = names.map((name) => new WatchedDevice(name, suite))
    const [first, ...rest] = devices
    assert.ok(first !== undefined)
    first.create("group")
    first.check("create")
    const packages = rest.map((device) => device.newKeyPackage())
    const keys = rest.map((device) => device.takePrivateKeys())
    const own = first.commit(packages.map((keyPackage) => ({ type: "add", keyPackage })))
    first.apply(own.staged)
    first.check("add", { ownPath: own.staged.updated.length > 0 })
    rest.forEach((device, i) => {
      device.join(welcomeOf(suite, own))
      device.checkJoined(keys[i] ?? [])
    })

    const late: { readonly to: WatchedDevice; readonly message: Uint8Array; readonly epoch: bigint }[] = []
    for (let step = 0; step < steps; step++) {
      const from = devices[choose(devices.length)]
      assert.ok(from !== undefined)
      const others = devices.filter((device) => device !== from)
      if (choose(4) === 0) {
        // Now and then a commit loses the race and is dropped; the key it was sealed with must not come back.
        if (choose(3) === 0) {
          from.commit([])
          from.check("a commit that is dropped")
        }
        const commit = from.commit([])
        from.apply(commit.staged)
        from.check("own commit", { ownPath: true })
        for (const device of others) {
          device.receive(commit.message)
          device.check("commit")
        }
      } else {
        const message = from.send(toUtf8(`step ${step}`))
        from.check("send")
        for (const to of others) late.push({ to, message, epoch: from.state.epoch })
      }
      while (late.length > 0 && choose(3) > 0) {
        const [sent] = late.splice(choose(late.length), 1)
        if (sent === undefined || sent.to.state.epoch - sent.epoch > BigInt(maxPastEpochs)) continue
        sent.to.receive(sent.message)
        sent.to.check("receive")
      }
    }
    for (const device of devices) assert.ok(device.secretsWatched > 50, "the test has watched secrets pass")
  })
}
