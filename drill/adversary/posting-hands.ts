// The adversary's hands on the posting streams: it hears every item that devices hand in, and answers those that it picks itself.

import type { FramePort, FrameSink } from "@nodoor/server"
import {
  type CommitItem,
  type CreateItem,
  type DeliveryCode,
  type PostItem,
  type PostingAnswer,
  type PostingRequest,
  type RejoinItem,
  type RekeyItem,
  decodePostingAnswer,
  decodePostingRequest,
  encodePostingAnswer,
  encodePostingRequest,
} from "@nodoor/wire/delivery"

export type PostingItem = PostItem | CommitItem | CreateItem | RekeyItem | RejoinItem
type ItemType = PostingItem["type"]
type ItemOf<Type extends ItemType> = Extract<PostingItem, { readonly type: Type }>

/** `honest` has the true server do it. Undefined: the device gets no answer. */
type Hand = (
  item: PostingItem,
  address: string,
  honest: (changed?: PostingItem) => Promise<PostingAnswer>,
) => Promise<PostingAnswer | undefined>

const pass: Hand = (_item, _address, honest) => honest()

export class PostingHands {
  readonly #hands = new Map<ItemType, Hand>()
  readonly #heard: (item: PostingItem) => void

  /** `heard` hears of every item before anything becomes of it. */
  constructor(heard: (item: PostingItem) => void) {
    this.#heard = heard
  }

  /** From now on items of this type are answered by `answer`. */
  on<Type extends ItemType>(
    type: Type,
    answer: (
      request: { readonly asked: ItemOf<Type>; readonly address: string },
      honest: (changed?: ItemOf<Type>) => Promise<PostingAnswer>,
    ) => Promise<PostingAnswer | undefined>,
  ): void {
    this.#hands.set(type, (item, address, honest) => answer({ asked: item as ItemOf<Type>, address }, honest as never))
  }

  /**
   * From now on items of this type that `picks` picks are not done, and answered with this refusal, with `lie` as if they had been, or never.
   * Counts them.
   */
  withhold<Type extends ItemType>(
    type: Type,
    picks: (asked: ItemOf<Type>, address: string) => boolean,
    answer: DeliveryCode | "silence" | { readonly lie: PostingAnswer },
  ): { readonly count: number; stop(): void } {
    const before = this.#hands.get(type)
    const state = {
      count: 0,
      stop: (): void => {
        if (before) this.#hands.set(type, before)
        else this.#hands.delete(type)
      },
    }
    this.#hands.set(type, async (item, address, honest) => {
      if (!picks(item as ItemOf<Type>, address)) return await (before ?? pass)(item, address, honest)
      state.count++
      if (answer === "silence") return undefined
      return typeof answer === "object" ? answer.lie : refusal(item, answer)
    })
    return state
  }

  /** From now on this address is told that the server cannot do it now. */
  refuse(type: ItemType, address: string): void {
    this.withhold(type, (_asked, from) => from === address, "unavailable")
  }

  /** Sits between a posting stream of a device and the true server. */
  connect(connect: (sink: FrameSink) => FramePort, sink: FrameSink, address: string, heard: (frame: Uint8Array) => void): FramePort {
    const waiting = new Map<number, (answer: PostingAnswer) => void>()
    const send = (item: PostingAnswer): void => {
      const frame = encodePostingAnswer([item])
      heard(frame)
      sink.send(frame, () => {})
    }
    const forward = (item: PostingRequest): void => port.receive(encodePostingRequest([item]))
    const take = (item: PostingRequest): void => {
      if (!("ref" in item)) return forward(item)
      this.#heard(item)
      const honest = (changed: PostingItem = item): Promise<PostingAnswer> =>
        new Promise((resolve) => {
          waiting.set(item.ref, resolve)
          forward({ ...changed, ref: item.ref })
        })
      void (this.#hands.get(item.type) ?? pass)(item, address, honest).then(
        (answer) => answer && send({ ...answer, ref: item.ref } as PostingAnswer),
      )
    }
    const port = connect({
      send: (frame, sent) => {
        sent()
        for (const item of decodePostingAnswer(frame)) {
          const settle = "ref" in item ? waiting.get(item.ref) : undefined
          if (!settle || !("ref" in item)) send(item)
          else {
            waiting.delete(item.ref)
            settle(item)
          }
        }
      },
      bufferedBytes: () => sink.bufferedBytes(),
      close: () => sink.close(),
    })
    return {
      get opened() {
        return port.opened
      },
      receive: (frame) => {
        for (const item of decodePostingRequest(frame)) take(item)
      },
      closed: () => port.closed(),
    }
  }
}

function refusal({ ref }: PostingItem, code: DeliveryCode): PostingAnswer {
  return { type: "refused", ref, code, epoch: 0, retryAfterMs: code === "unavailable" ? 60_000 : 0 }
}
