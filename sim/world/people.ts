// What people do in a world: write, make groups, come and go, at random.

import { ClientError, type ChatView, type Device } from "@nodoor/client"
import type { Acknowledged } from "./checkers.ts"
import type { Chance } from "../randomness.ts"
import type { WorldDevice } from "./world-device.ts"

/** Every text that is said begins with this word, which nothing else contains. */
export const spokenWord = "sim-spoken-word"

export class People {
  readonly #chance: Chance
  readonly #groupsMax: number
  readonly acknowledged: Acknowledged[] = []
  #said = 0
  #groups = 0

  /** `groupsMax`: how many groups they make at most. */
  constructor(chance: Chance, { groupsMax }: { readonly groupsMax: number }) {
    this.#chance = chance
    this.#groupsMax = groupsMax
  }

  get groups(): number {
    return this.#groups
  }

  /** One of them makes a group of everybody, in which there is something to break. */
  async gather([first, ...others]: readonly WorldDevice[]): Promise<void> {
    const contacts = (await first?.device?.contacts()) ?? []
    const accountIds = contacts.filter(({ handle }) => others.some((other) => other.handle === handle)).map(({ accountId }) => accountId)
    await first?.device?.createGroup({ name: `${spokenWord} everybody`, accountIds })
    this.#groups++
  }

  /** One person does one thing. A refusal is an answer; a process that dies in the middle never answers. */
  async act(by: WorldDevice): Promise<void> {
    await this.#try(by, (device) => this.#act(by, device))
  }

  /** One person says something somewhere. */
  async say(by: WorldDevice): Promise<void> {
    await this.#try(by, async (device) => {
      const chat = this.#chance.pick((await device.chats()).filter(({ state }) => state === "active"))
      if (chat) await this.#say(by, device, chat)
    })
  }

  async #try(by: WorldDevice, deed: (device: Device) => Promise<void>): Promise<void> {
    const { device } = by
    if (!device) return
    try {
      await deed(device)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
    }
  }

  async #act(by: WorldDevice, device: Device): Promise<void> {
    const chance = this.#chance
    const chats = (await device.chats()).filter((chat) => chat.state === "active" || chat.state === "request")
    const chat = chance.pick(chats)
    const kind = chance.below(100)
    if (!chat || kind < 6) return await this.#open(device)
    if (chat.state === "request" && kind < 40) return await device.acceptRequest(chat.id)
    if (kind < 57) return await this.#say(by, device, chat)
    if (kind < 60) return await this.#arrange(device, chat)
    if (kind < 70) return await this.#read(device, chat)
    if (kind < 80) return await this.#touch(device, chat)
    return chat.kind === "group" ? await this.#govern(device, chat) : await this.#say(by, device, chat)
  }

  async #say(by: WorldDevice, device: Device, chat: ChatView): Promise<void> {
    const answered = this.#chance.happens(0.1) ? (await device.messages(chat.id, { limit: 5 })).messages[0] : undefined
    const text = `${spokenWord} ${++this.#said}`
    const isAnswer = answered?.content.type === "text"
    const message = await device.send(chat.id, { text, ...(isAnswer && { inReplyTo: answered.id }) })
    this.acknowledged.push({ by, chatId: chat.id, messageId: message.id })
  }

  async #open(device: Device): Promise<void> {
    const contact = this.#chance.pick(await device.contacts())
    if (!contact) return
    if (this.#chance.happens(0.5) || this.#groups >= this.#groupsMax) await device.openChat(contact.accountId)
    else {
      this.#groups++
      await device.createGroup({ name: `${spokenWord} group`, accountIds: [contact.accountId] })
    }
  }

  async #read(device: Device, chat: ChatView): Promise<void> {
    const last = (await device.messages(chat.id, { limit: 1 })).messages.at(-1)
    if (last) await device.markRead(chat.id, last.id)
  }

  /** What only the person's own devices hear of. */
  async #arrange(device: Device, chat: ChatView): Promise<void> {
    const on = this.#chance.happens(0.5)
    const kind = this.#chance.below(4)
    if (kind === 0) await device.setChatOptions(chat.id, { pinned: on })
    else if (kind === 1) await device.setChatOptions(chat.id, { muted: on })
    else if (kind === 2) await device.setChatOptions(chat.id, { archived: on })
    else await device.setChatOptions(chat.id, { folder: on ? "Work" : "" })
  }

  async #touch(device: Device, chat: ChatView): Promise<void> {
    const { messages } = await device.messages(chat.id, { limit: 10 })
    const message = this.#chance.pick(messages.filter((candidate) => candidate.content.type === "text"))
    if (!message) return
    if (message.sender.own && this.#chance.happens(0.5)) await device.edit(chat.id, message.id, `${spokenWord} edited`)
    else if (message.sender.own && this.#chance.happens(0.1)) await device.deleteForAll(chat.id, message.id)
    else await device.react(chat.id, message.id, "👍", this.#chance.happens(0.7))
  }

  async #govern(device: Device, chat: ChatView): Promise<void> {
    const chance = this.#chance
    const members = (await device.members(chat.id)).filter((member) => !member.own)
    const member = chance.pick(members)
    const present = new Set(members.map((other) => other.accountId))
    const stranger = chance.pick((await device.contacts()).filter((contact) => !present.has(contact.accountId)))
    const kind = chance.below(100)
    if (kind < 45 && stranger) await device.addMembers(chat.id, [stranger.accountId])
    else if (kind < 55 && member) await device.removeMember(chat.id, member.accountId)
    else if (kind < 60) await device.leave(chat.id)
    else if (kind < 75) await device.rename(chat.id, `${spokenWord} ${chance.below(1000)}`)
    else if (kind < 90 && member) await device.setRole(chat.id, member.accountId, chance.happens(0.8) ? "admin" : "member")
    else await device.setRules(chat.id, { add: chance.happens(0.5) ? "everyone" : "admins", rename: "everyone", post: "everyone" })
  }
}
