// The account service of the real server, driven as devices do: registrations, sign-ins, tokens, KeyPackages, claims and introductions.

import {
  type SignedIn,
  type TestDevice,
  type World,
  allTestTokenKeys,
  newDevice,
  newWorld,
  nextState,
  random,
  signIn,
  signUp,
  takeState,
  tokensWith,
} from "@nodoor/server/fixtures"
import {
  claimDevices,
  drawTokens,
  introduce,
  introductionBytes,
  takeIntroductions,
  tokenKeys,
  updateAccount,
  uploadKeyPackages,
} from "@nodoor/wire"
import type { Meter } from "@nodoor/server"
import type { Names } from "../target/names.ts"

/** How many one-time KeyPackages a device keeps in stock. */
const stock = 10
const dayMs = 86_400_000

/** By public key: what makes tokens. */
const makers = new Map(allTestTokenKeys.map(tokensWith).map(({ publicKey, make }) => [hex(publicKey), make]))

interface KnownAccount {
  readonly signedIn: SignedIn
  readonly devices: TestDevice[]
}

interface KnownDevice {
  readonly device: TestDevice
  readonly account: number
  drawnDay: number
  /** In stock at the server. */
  packages: number
  hasLastResort: boolean
}

interface AccountSideOptions {
  readonly names: Names
  readonly meter: Meter
  readonly startMs: number
}

export class AccountSide {
  readonly world: World
  readonly #names: Names
  readonly #accounts: KnownAccount[] = []
  readonly #devices: KnownDevice[] = []

  private constructor(world: World, names: Names) {
    this.world = world
    this.#names = names
  }

  static async open(path: string, { names, meter, startMs }: AccountSideOptions): Promise<AccountSide> {
    const plenty = { burst: 1e9, perSecond: 1e9 }
    const rates = { register: plenty, session: plenty, claimAddress: plenty, claimedFrom: plenty, introduce: plenty, tokenKeys: plenty }
    const world = await newWorld({ path, meter, rates: { ...rates, device: plenty } })
    world.clock.timeMs = startMs
    return new AccountSide(world, names)
  }

  async register(device: number, account: number): Promise<void> {
    const { caller, origin } = this.world
    const known = this.#accounts[account]
    if (known === undefined) {
      const handle = Buffer.from(random(9)).toString("hex")
      const signedIn = await signUp(caller, origin, handle)
      this.#accounts[account] = { signedIn, devices: [signedIn.device] }
      this.#names.account(account, signedIn.account.accountId)
      this.#note(device, account, signedIn.device)
    } else {
      const { account: holder, device: first } = known.signedIn
      const added = newDevice()
      const devices = [...known.devices, added]
      const state = nextState(holder, devices)
      await caller.call(updateAccount, { state }, await signIn(caller, origin, first))
      takeState(holder, state, devices)
      known.devices.push(added)
      this.#note(device, account, added)
    }
  }

  #note(device: number, account: number, made: TestDevice): void {
    this.#devices[device] = { device: made, account, drawnDay: -1, packages: 0, hasLastResort: false }
    this.#names.device(device, made.deviceId)
  }

  /** Signs in, takes what was left for the device, fills its stock up, and draws the day's tokens. */
  async come(device: number): Promise<void> {
    const known = this.#devices[device] as KnownDevice
    const { caller, origin, clock } = this.world
    const token = await signIn(caller, origin, known.device)
    await this.#takeIntroductions(token)
    if (known.packages < stock) {
      const oneTime = Array.from({ length: stock - known.packages }, () => random(300))
      // The one of last resort stays for sixty days.
      await caller.call(uploadKeyPackages, { oneTime, ...(known.hasLastResort ? {} : { lastResort: random(300) }) }, token)
      known.packages = stock
      known.hasLastResort = true
    }
    const day = Math.floor(clock.nowMs() / dayMs)
    if (known.drawnDay !== day) await this.#draw(token)
    known.drawnDay = day
  }

  /** As a long poll does at once for a device that is online. */
  async introduced(device: number): Promise<void> {
    const { caller, origin } = this.world
    await this.#takeIntroductions(await signIn(caller, origin, (this.#devices[device] as KnownDevice).device))
  }

  async #takeIntroductions(token: Uint8Array): Promise<void> {
    const { caller } = this.world
    for (let done: Uint8Array[] = []; ;) {
      const { introductions } = await caller.call(takeIntroductions, { waitMs: 0, done }, token)
      done = introductions.map(({ id }) => id)
      if (done.length === 0) return
    }
  }

  /** Claims these devices and leaves an introduction for each, without a session. */
  async introduce(devices: readonly number[]): Promise<void> {
    const { caller } = this.world
    const wanted = devices.map((device) => this.#devices[device] as KnownDevice)
    for (const [account, each] of Map.groupBy(wanted, ({ account }) => account)) {
      const accountId = (this.#accounts[account] as KnownAccount).signedIn.account.accountId
      const token = await this.#claimToken()
      const deviceIds = each.map(({ device }) => device.deviceId)
      const { claims } = await caller.call(claimDevices, { token, accounts: [{ accountId, deviceIds }] })
      for (const one of each) one.packages--
      const introductions = claims.map(({ address }) => ({ address, sealed: random(introductionBytes) }))
      if (introductions.length > 0) await caller.call(introduce, { introductions })
    }
  }

  /** A batch of one: what the server keeps of a batch does not depend on its size. Any number below the modulus may be blinded. */
  async #draw(token: Uint8Array): Promise<void> {
    const newest = (await this.world.caller.call(tokenKeys, {})).keys.at(-1)
    const blinded = random(256)
    blinded[0] = 0
    await this.world.caller.call(drawTokens, { epoch: newest?.epoch ?? 0, blinded: [blinded] }, token)
  }

  /** Made with the private key, which only a test has beside the server: nobody can tell it from a drawn one. */
  async #claimToken(): Promise<Uint8Array> {
    const { keys } = await this.world.caller.call(tokenKeys, {})
    const sign = makers.get(hex(keys.at(-1)?.key ?? random(0)))
    if (sign === undefined) throw new TypeError("the server signs with a key that is not one of the tests'")
    return sign({ origin: this.world.origin, use: "claim" })
  }

  /** What the console and the desk say of every account. */
  async said(): Promise<string[]> {
    const { accounts } = await this.world.store.accountsPage({ after: undefined, prefix: undefined, max: 1000 })
    const ids = this.#accounts.map(({ signedIn }) => signedIn.account.accountId)
    const records = await Promise.all(ids.map((accountId) => this.world.store.disclosableTables({ accountId })))
    return [...accounts, ...records].map((each) => JSON.stringify(each, (_, value) => plain(value)))
  }
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? hex(value) : value
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
