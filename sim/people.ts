// What people do in a world: write, make groups, come and go, at random.

import { ClientError, type ChatView, type Device } from "@nodoor/client"
import type { Acknowledged } from "./checkers.ts"
import type { Chance } from "./randomness.ts"
import type { VirtualDevice } from "./virtual-device.ts"

/** Every text that is said begins with this word, which nothing else contains. */
export const spokenWord = "sim-spoken-word"

export class People {
  readonly #chance: Chance
  readonly acknowledged: Acknowledged[] = []
  #said = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** One person does one thing. A refusal is an answer; a process that dies in the middle never answers. */
  async act(by: VirtualDevice): Promise<void> {
    const { device } = by
    if (!device) return
    try {
      await this.#act(by, device)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
    }
  }

  async #act(by: VirtualDevice, device: Device): Promise<void> {
    const chance = this.#chance
    const chats = (await device.chats()).filter((chat) => chat.state === "active" || chat.state === "request")
    const chat = chance.pick(chats)
    const kind = chance.below(100)
    if (!chat || kind < 6) return await this.#open(device)
    if (chat.state === "request" && kind < 40) return await device.acceptRequest(chat.id)
    if (kind < 60) return await this.#say(by, device, chat)
    if (kind < 70) return await this.#read(device, chat)
    if (kind < 80) return await this.#touch(device, chat)
    return chat.kind === "group" ? await this.#govern(device, chat) : await this.#say(by, device, chat)
  }

  async #say(by: VirtualDevice, device: Device, chat: ChatView): Promise<void> {
    const message = await device.send(chat.id, { text: `${spokenWord} ${++this.#said}` })
    this.acknowledged.push({ by, chatId: chat.id, messageId: message.id })
  }

  async #open(device: Device): Promise<void> {
    const contact = this.#chance.pick(await device.contacts())
    if (!contact) return
    if (this.#chance.happens(0.5)) await device.openChat(contact.accountId)
    else await device.createGroup({ name: `${spokenWord} group`, accountIds: [contact.accountId] })
  }

  async #read(device: Device, chat: ChatView): Promise<void> {
    const last = (await device.messages(chat.id, { limit: 1 })).messages.at(-1)
    if (last) await device.markRead(chat.id, last.id)
  }

  async #touch(device: Device, chat: ChatView): Promise<void> {
    const { messages } = await device.messages(chat.id, { limit: 10 })
    const message = this.#chance.pick(messages.filter((candidate) => candidate.content.type === "text"))
    if (!message) return
    if (message.sender.own && this.#chance.happens(0.5)) await device.edit(chat.id, message.id, `${spokenWord} edited`)
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
