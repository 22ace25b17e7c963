// The network as before, except that what the server says passes through somebody's hands on its way to the device.

import type { Network } from "@nodoor/client"
import {
  type ReadingAnswer,
  type ReadingRequest,
  decodeReadingAnswer,
  decodeReadingRequest,
  encodeReadingAnswer,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"

export interface Hands {
  /** What becomes of an item of a reading stream: it, others, or nothing. */
  readonly shown?: (item: ReadingAnswer) => readonly ReadingAnswer[]
  /** Whether something that the device says on a reading stream goes on. */
  readonly heard?: (item: ReadingRequest) => boolean
  readonly answer?: (path: string, answer: unknown) => unknown
}

export function through({ shown = (item) => [item], heard = () => true, answer }: Hands): (network: Network) => Network {
  return (network) => ({
    ...network,
    call: async (...asked) => {
      const answered = await network.call(...asked)
      return (answer?.(asked[1].path, answered) ?? answered) as typeof answered
    },
    openStream: (url, kind, handlers) => {
      if (kind !== "reading") return network.openStream(url, kind, handlers)
      const stream = network.openStream(url, kind, {
        ...handlers,
        frame: (frame) => {
          const items = decodeReadingAnswer(frame).flatMap(shown)
          if (items.length > 0) handlers.frame(encodeReadingAnswer(items))
        },
      })
      return {
        send: (frame) => {
          const items = decodeReadingRequest(frame).filter(heard)
          if (items.length > 0) stream.send(encodeReadingRequest(items))
        },
        close: stream.close,
      }
    },
  })
}
