// A member with changed code: its keys are in order and its device is listed, but it says and commits what it likes. The others are
// production clients on the production server. Each test of this folder has the member do one thing that an honest client never does,
// and beside it the honest twin, so that a check that refuses everything fails as well.

import { toHex } from "@nodoor/bytes"
import type { MessageView } from "@nodoor/client"
import {
  type Extension,
  type GroupState,
  MlsError,
  type ProposalInput,
  extensions,
  members,
  parseKeyPackage,
  propose,
  protect,
} from "@nodoor/mls"
import { DrillWorld, type Person } from "../../drill/drill-world.ts"
import { policyExtension } from "../../drill/adversary/forgery.ts"
import { type Deviation, type HandMade, type MadeCommit, follow } from "../../drill/adversary/hand-made-group.ts"
import type { Insider } from "../../drill/adversary/insider.ts"
import { policyExtensionType } from "../../drill/adversary/leaf.ts"
import { type ForgedContent, type Part, forgeContent } from "./forged-content.ts"

/** Long enough for what was posted to be with everybody and answered. */
const arrivesMs = 2_000

/** A group that Alice made, with Bob and with Mallory, whose device does what the test wants. */
export interface Scene {
  readonly world: DrillWorld
  readonly alice: Person
  readonly bob: Person
  readonly mallory: HostileMember
  readonly chatId: string
}

/** Plays in one world; tests within it that leave the group as it is may share it. */
export async function withHostileMember(run: (scene: Scene) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob, person] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
    const chatId = await world.group(alice, bob, person)
    await run({ world, alice, bob, chatId, mallory: await HostileMember.seize(world, person, chatId) })
  })
}

export class HostileMember {
  readonly person: Person
  readonly insider: Insider
  readonly groupId: Uint8Array
  readonly #world: DrillWorld
  #group: HandMade
  /** How many of the bodies that the server heard are in the state. */
  #known: number

  private constructor(world: DrillWorld, person: Person, insider: Insider, group: HandMade) {
    this.#world = world
    this.person = person
    this.insider = insider
    this.groupId = group.state.groupId
    this.#group = group
    this.#known = world.adversary.heard.length
  }

  static async seize(world: DrillWorld, person: Person, chatId: string): Promise<HostileMember> {
    const groupId = await world.groupIdOf(person, chatId)
    const insider = await world.seize(person)
    return new HostileMember(world, person, insider, await insider.group(groupId))
  }

  get accountId(): Uint8Array {
    return this.person.accountId
  }

  /** The group as it is by now. */
  group(): HandMade {
    const { heard } = this.#world.adversary
    for (; this.#known < heard.length; this.#known++) {
      const one = heard[this.#known]
      if (!one || one.type === "introduction" || toHex(one.groupId) !== toHex(this.groupId)) continue
      try {
        this.#group = follow(this.insider.env, this.#group, one.type === "post" ? one.body : one.commit).held
      } catch (error) {
        if (!(error instanceof MlsError)) throw error
      }
    }
    return this.#group
  }

  state(): GroupState {
    return this.group().state
  }

  /** Says something under its own name in its own group, unless `forged` says otherwise. Returns the id of the message. */
  async say(part: Part, forged: Partial<Omit<ForgedContent, "part">> = {}): Promise<string> {
    const { plaintext, messageId } = forgeContent({ part, accountId: this.accountId, groupId: this.groupId, ...forged })
    await this.encrypt(plaintext)
    return toHex(messageId)
  }

  /** Says the very same content in two messages. */
  async repeat(part: Part): Promise<string> {
    const { plaintext, messageId } = forgeContent({ part, accountId: this.accountId, groupId: this.groupId })
    for (let i = 0; i < 2; i++) await this.encrypt(plaintext)
    return toHex(messageId)
  }

  /** Encrypts whatever bytes to the group. */
  async encrypt(plaintext: Uint8Array): Promise<void> {
    const { change, message } = protect(this.insider.env, this.state(), { plaintext, signer: this.insider.signer })
    await this.insider.post(this.#group, message)
    this.#group = { ...this.#group, state: change.state }
    await this.#world.rest(arrivesMs)
  }

  async propose(proposal: Parameters<typeof propose>[2]["proposal"]): Promise<void> {
    const { change, message } = propose(this.insider.env, this.state(), { proposal, signer: this.insider.signer })
    await this.insider.post(this.#group, message)
    this.#group = { ...this.#group, state: change.state }
    await this.#world.rest(arrivesMs)
  }

  /** A commit that MLS finds valid. */
  async commit(proposals: readonly ProposalInput[], deviation: Deviation = {}): Promise<void> {
    await this.#commit(proposals, deviation)
    await this.#world.rest(arrivesMs)
  }

  /** Lets somebody in as an honest client does: each listed device, with a seat and an introduction. */
  async add(person: Person): Promise<void> {
    const claims = await this.insider.claims(person.accountId)
    const made = await this.#commit(
      claims.map(({ keyPackage }) => ({ type: "add", keyPackage: parseKeyPackage(this.insider.env, keyPackage) })),
    )
    await this.insider.introduce(made, claims)
    await this.#world.rest(arrivesMs)
  }

  async #commit(proposals: readonly ProposalInput[], deviation: Deviation = {}): Promise<MadeCommit> {
    const made = await this.insider.commit(this.group(), proposals, deviation)
    this.#group = made.next
    return made
  }

  async remove(person: Person): Promise<void> {
    await this.commit([{ type: "remove", leafIndex: this.leafOf(person) }])
  }

  hasLeaf(person: Pick<Person, "deviceId">): boolean {
    return members(this.state()).some(({ identity }) => toHex(identity).endsWith(toHex(person.deviceId)))
  }

  leafOf(person: Pick<Person, "deviceId">): number {
    const leaf = members(this.state()).find(({ identity }) => toHex(identity).endsWith(toHex(person.deviceId)))
    if (!leaf) throw new TypeError("no leaf of theirs")
    return leaf.leafIndex
  }

  /** The proposal that gives the group another policy. */
  policy(policy: Parameters<typeof policyExtension>[0]): ProposalInput {
    const others: readonly Extension[] = extensions(this.state()).filter(({ type }) => type !== policyExtensionType)
    return { type: "group_context_extensions", extensions: [...others, policyExtension(policy)] }
  }
}

/** What somebody sees of a message; undefined if it is not there. */
export async function shown(person: Person, chatId: string, messageId: string): Promise<MessageView | undefined> {
  const { messages } = await person.device.messages(chatId, { limit: 100 })
  return messages.find(({ id }) => id === messageId)
}

/** The words of a message as somebody sees them; undefined if it has none or is not there. */
export async function words(person: Person, chatId: string, messageId: string): Promise<string | undefined> {
  const content = (await shown(person, chatId, messageId))?.content
  return content?.type === "text" ? content.markdown : undefined
}

/** Codes of the alarms that somebody was told, in the order of their first time. */
export function alarms(world: DrillWorld, person: Person): readonly string[] {
  return world.signs.filter(({ who, kind }) => who === person.handle && kind === "alarm").map(({ code }) => code)
}
