// Where messages of an archive go in a chat: before what arrived since, each before the newer one of the archive, and with room between them for
// what another archive may have there.

import { equal } from "@nodoor/bytes"
import { findRoom, firstPlaced } from "../store/archive/places.ts"
import { queuedPosition } from "../store/chat/position.ts"
import type { Reader } from "../store/reader.ts"

export interface ToPlace {
  readonly groupId: Uint8Array
  readonly order: number | undefined
}

/** One chat while its messages come, the newest first. */
export class Placing {
  readonly #chatId: Uint8Array
  /** The chat's first position; nothing stands before it. */
  #first: number | undefined
  /** The message of the archive that was placed or met last. */
  #last: (ToPlace & { readonly position: number }) | undefined

  private constructor(chatId: Uint8Array, first: number | undefined) {
    this.#chatId = chatId
    this.#first = first
  }

  static async of(reader: Reader, chatId: Uint8Array): Promise<Placing> {
    return new Placing(chatId, await firstPlaced(reader, chatId))
  }

  /** A message of the archive that is here already. */
  met(message: ToPlace & { readonly position: number }): void {
    this.#last = message
  }

  /** A free position for the next message. It is to be written before the next one is asked for. */
  async place(reader: Reader, message: ToPlace): Promise<number> {
    const position = await this.#find(reader, message)
    this.#last = { ...message, position }
    this.#first = Math.min(this.#first ?? position, position)
    return position
  }

  async #find(reader: Reader, message: ToPlace): Promise<number> {
    const first = this.#first
    if (first === undefined) return 0
    const last = this.#last
    // Nothing stands before the last one: as far before it as their orders are apart.
    const before = Math.min(first - 1, last ? last.position - distance(last, message) : first)
    if (last && last.position <= first) return before
    const below = last?.position ?? queuedPosition
    const { floor, floorOrder, ceiling = queuedPosition } = await findRoom(reader, { chatId: this.#chatId, ...message, below })
    if (floor === undefined) return before
    // As far behind the one before it as their orders are apart, if there is so much room.
    const after = floor + Math.max(1, (message.order ?? 0) - (floorOrder ?? message.order ?? 0))
    const free = Math.min(after, ceiling - 1)
    if (free > floor) return free
    // Messages that arrive stand one behind the other. Positions are numbers of SQLite, so there is room between two of them, though not endlessly.
    const between = (floor + ceiling) / 2
    return between > floor && between < ceiling ? between : before
  }
}

/** Positions are as far apart as orders of the same group, so that there is room for every order between. */
function distance(newer: ToPlace, older: ToPlace): number {
  if (newer.order === undefined || older.order === undefined || !equal(newer.groupId, older.groupId)) return 1
  return Math.max(1, newer.order - older.order)
}
