import { strict as assert } from "node:assert"
import { toUtf8 } from "@nodoor/bytes"
import type { ProposalInput, PskLookup } from "../../../src/api/api.ts"
import { maxPastEpochs } from "../../../src/codec/limits.ts"
import { MlsError } from "../../../src/codec/mls-error.ts"
import { nodeProvider } from "../../../src/provider/node.ts"
import { Device, type DeviceOptions, welcomeOf } from "./device.ts"
import { type Choose, seededChoices } from "./seeded.ts"

/** An extension of the application's own (RFC 9420 §17.3: private use). */
const policyExtension = 0xf00d

/** External pre-shared keys that every device holds. */
const sharedPsks: PskLookup = (id) => (id.type === "external" ? nodeProvider.sha256(id.id) : undefined)

interface InFlight {
  readonly to: Device
  readonly message: Uint8Array
  readonly plaintext: Uint8Array
  readonly epoch: bigint
}

/**
 * A group whose members do what a seed says, over a network that keeps commits in order and nothing else. After every step it
 * checks that members agree, that nothing decrypts twice, and that who was removed reads nothing.
 */
export class World {
  readonly members: Device[] = []
  readonly removed: Device[] = []
  readonly #seed: string
  readonly #choose: Choose
  readonly #options: DeviceOptions
  readonly #maxMembers: number
  readonly #inFlight: InFlight[] = []
  #made = 0

  constructor(seed: string, options: DeviceOptions & { readonly maxMembers: number }) {
    this.#seed = seed
    this.#choose = seededChoices(seed)
    this.#options = { ...options, extensionTypes: [policyExtension], psks: sharedPsks }
    this.#maxMembers = options.maxMembers
    const first = this.#newDevice()
    first.create("group")
    this.members.push(first)
  }

  step(): void {
    const kind = this.#choose(6)
    if (kind <= 1) this.#commitSomething()
    else if (kind === 2) this.#proposeConcurrently()
    else this.#talk()
    this.#deliverSome()
    this.#checkAgreement()
  }

  #newDevice(): Device {
    return new Device(`device ${this.#made++}`, this.#seed, this.#options)
  }

  #any<T>(from: readonly T[]): T {
    const one = from[this.#choose(from.length)]
    assert.ok(one !== undefined)
    return one
  }

  #shuffled<T>(from: readonly T[]): T[] {
    const left = [...from]
    const out: T[] = []
    while (left.length > 0) out.push(...left.splice(this.#choose(left.length), 1))
    return out
  }

  #commitSomething(): void {
    const committer = this.#any(this.members)
    const proposals: ProposalInput[] = []
    const joining: Device[] = []
    const room = this.#maxMembers - this.members.length
    for (let adds = Math.min(this.#choose(3), room); adds > 0; adds--) {
      const device = this.#newDevice()
      joining.push(device)
      proposals.push({ type: "add", keyPackage: device.newKeyPackage() })
    }
    const others = this.members.filter((member) => member !== committer)
    if (others.length > 0 && this.#choose(3) === 0) proposals.push({ type: "remove", leafIndex: this.#any(others).leafIndex })
    if (this.#choose(6) === 0) {
      const data = toUtf8(`policy ${this.#choose(1000)}`)
      proposals.push({ type: "group_context_extensions", extensions: [{ type: policyExtension, data }] })
    }
    if (this.#choose(6) === 0) proposals.push({ type: "psk", pskId: { type: "external", id: toUtf8(`psk ${this.#choose(1000)}`) } })
    if (joining.length === 0 && this.#choose(6) === 0) {
      // Of the present epoch, which all members have; a newcomer would not.
      const { groupId, epoch } = committer.state
      proposals.push({ type: "psk", pskId: { type: "resumption", usage: "application", groupId, epoch } })
    }
    this.#commit(committer, proposals, joining)
  }

  #commit(committer: Device, proposals: readonly ProposalInput[], joining: readonly Device[]): void {
    const own = committer.commit(proposals)
    const removedLeaves = new Set(own.staged.removed.map((member) => member.leafIndex))
    const leaving = this.members.filter((member) => removedLeaves.has(member.leafIndex))
    for (const member of this.#shuffled(this.members)) {
      if (member === committer) {
        member.apply(own.staged)
      } else {
        const processed = member.receive(own.message)
        assert.equal(processed.kind, "commit")
        assert.equal(processed.staged.removesOwn, leaving.includes(member))
        assert.deepEqual(processed.staged.added, own.staged.added)
        assert.deepEqual(processed.staged.removed, own.staged.removed)
      }
      this.#refused(member, own.message)
    }
    for (const member of leaving) {
      assert.ok(!member.state.active, "who was removed knows it")
      this.members.splice(this.members.indexOf(member), 1)
      this.removed.push(member)
    }
    const welcomed = this.#waiting.splice(0).filter((device) => !joining.includes(device))
    if (own.welcome !== undefined) {
      const welcome = welcomeOf(committer.suite, own)
      for (const device of [...joining, ...welcomed]) {
        if (!own.staged.added.some((member) => Buffer.compare(member.signatureKey, device.signer.publicKey) === 0)) continue
        device.join(welcome)
        this.members.push(device)
      }
    }
    for (const device of this.removed) this.#refused(device, own.message)
  }

  /** Devices proposed by reference that the next commit will bring in. */
  readonly #waiting: Device[] = []

  /** Several members propose in the same epoch; each of the others hears of it in an order of its own; then somebody commits. */
  #proposeConcurrently(): void {
    const proposers = this.#shuffled(this.members).slice(0, 1 + this.#choose(3))
    const messages: { readonly from: Device; readonly message: Uint8Array }[] = []
    for (const from of proposers) {
      const kind = this.#choose(3)
      const others = this.members.filter((member) => member !== from)
      if (kind === 0 && others.length > 1) {
        messages.push({ from, message: from.propose({ type: "remove", leafIndex: this.#any(others).leafIndex }) })
      } else if (kind === 1 && this.members.length + this.#waiting.length < this.#maxMembers) {
        const device = this.#newDevice()
        this.#waiting.push(device)
        messages.push({ from, message: from.propose({ type: "add", keyPackage: device.newKeyPackage() }) })
      } else {
        messages.push({ from, message: from.propose({ type: "update" }) })
      }
    }
    for (const member of this.members) {
      for (const { from, message } of this.#shuffled(messages)) {
        if (from === member) continue
        assert.equal(member.receive(message).kind, "proposal")
        this.#refused(member, message)
      }
    }
    for (const device of this.removed) for (const { message } of messages) this.#refused(device, message)
    this.#commit(this.#any(this.members), [], [])
  }

  #talk(): void {
    for (let i = 1 + this.#choose(4); i > 0; i--) {
      const from = this.#any(this.members)
      const plaintext = toUtf8(`message ${this.#choose(1_000_000)} of ${from.name}`)
      const message = from.send(plaintext)
      const { epoch } = from.state
      for (const to of this.members) if (to !== from) this.#inFlight.push({ to, message, plaintext, epoch })
      this.#refused(from, message)
      for (const device of this.removed) this.#refused(device, message)
    }
  }

  /** Messages arrive in any order, some of them epochs later; some never. */
  #deliverSome(): void {
    const arriving = this.#shuffled(this.#inFlight)
    for (const sent of arriving.slice(0, this.#choose(arriving.length + 1))) {
      this.#inFlight.splice(this.#inFlight.indexOf(sent), 1)
      const { to, message, plaintext, epoch } = sent
      if (!to.inGroup || to.state.epoch - epoch > BigInt(maxPastEpochs)) {
        this.#refused(to, message)
        continue
      }
      const processed = to.receive(message)
      assert.equal(processed.kind, "application")
      assert.deepEqual(processed.plaintext, plaintext)
      assert.equal(processed.epoch, epoch)
      this.#refused(to, message)
    }
  }

  #refused(device: Device, message: Uint8Array): void {
    assert.throws(
      () => device.process(message),
      (error) => error instanceof MlsError,
      `${device.name} refuses`,
    )
  }

  #checkAgreement(): void {
    const [first, ...rest] = this.members
    assert.ok(first !== undefined)
    for (const member of rest) assert.equal(member.view, first.view)
    for (const device of this.removed) assert.ok(!device.inGroup)
  }
}
