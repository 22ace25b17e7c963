import type { Device } from "@nodoor/client"

/** Everything of a store that a person can look at, as plain JSON. `words`: what is searched for. */
export async function seenIn(device: Device, words: readonly string[]): Promise<unknown> {
  const chats: unknown[] = []
  for (const chat of await device.chats()) {
    const { messages } = await device.messages(chat.id, { limit: 500 })
    const deliveries: unknown[] = []
    for (const message of messages) if (message.sender.own) deliveries.push((await device.messageDetails(chat.id, message.id)).deliveries)
    const middle = messages[Math.floor(messages.length / 2)]
    chats.push({
      chat,
      members: await device.members(chat.id),
      messages,
      deliveries,
      page: middle && (await device.messages(chat.id, { around: middle.id, limit: 4 })),
    })
  }
  const found: unknown[] = []
  for (const text of words) found.push({ text, messages: await device.search(text) })
  const seen = { account: await device.account(), chats, contacts: await device.contacts(), alarms: await device.alarms(), found }
  return JSON.parse(JSON.stringify(seen))
}
