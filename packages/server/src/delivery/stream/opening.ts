// How a stream opens: its first item shows a token or a pass, and what comes while a token is being checked waits.

import type { DeliveryCode, OpenItem } from "@nodoor/wire/delivery"
import type { Pass, PassKind } from "../pass/passes.ts"
import type { Admission, Admitted } from "./admission.ts"

/** The stream that opens. */
export interface OpeningStream<Item> {
  readonly isOver: boolean
  end(code: DeliveryCode, message: string): void
  /** The stream is open. */
  welcome(pass: Pass): void
  /** An item of the open stream. */
  item(item: Item): void
  /** A frame that waited. */
  receive(frame: Uint8Array): void
}

export class Opening<Item extends { readonly type: string }> {
  readonly #stream: OpeningStream<Item>
  readonly #admission: Admission
  readonly #kind: PassKind
  readonly #heldMaxBytes: number
  #pass: Pass | undefined
  /** Frames that came while the token is being checked; undefined at other times. */
  #held: Uint8Array[] | undefined
  #heldBytes = 0

  constructor(
    stream: OpeningStream<Item>,
    { admission, kind, heldMaxBytes }: { readonly admission: Admission; readonly kind: PassKind; readonly heldMaxBytes: number },
  ) {
    this.#stream = stream
    this.#admission = admission
    this.#kind = kind
    this.#heldMaxBytes = heldMaxBytes
  }

  /** With which the stream was opened. */
  get pass(): Pass | undefined {
    return this.#pass
  }

  /** Whether the frame waits. */
  holds(frame: Uint8Array): boolean {
    if (this.#held === undefined) return false
    this.#heldBytes += frame.length
    if (this.#heldBytes > this.#heldMaxBytes) this.#stream.end("too_large", "too much before the stream was open")
    else this.#held.push(frame)
    return true
  }

  items(items: readonly (Item | OpenItem)[]): void {
    for (const [at, item] of items.entries()) {
      if (this.#stream.isOver) return
      if (this.#pass === undefined) {
        if (!isOpen(item)) return this.#stream.end("unauthorized", "the first item must open the stream")
        if (!this.#open(item, items.slice(at + 1))) return
      } else if (isOpen(item)) return this.#stream.end("bad_request", "the stream is already open")
      else this.#stream.item(item)
    }
  }

  /** What waits is dropped. */
  close(): void {
    this.#held = undefined
  }

  /** Whether the items after it may go on now; else they do once the token was checked. */
  #open(item: OpenItem, rest: readonly (Item | OpenItem)[]): boolean {
    const admitted = this.#admission.open(item, this.#kind)
    if (!(admitted instanceof Promise)) return this.#admit(admitted)
    this.#held = []
    void admitted.then((result) => {
      const held = this.#held ?? []
      this.close()
      this.#heldBytes = 0
      if (this.#stream.isOver || !this.#admit(result)) return
      this.items(rest)
      for (const frame of held) this.#stream.receive(frame)
    })
    return false
  }

  #admit(admitted: Admitted): boolean {
    if ("refused" in admitted) {
      this.#stream.end(admitted.refused, "the stream does not open")
      return false
    }
    this.#pass = admitted.pass
    this.#stream.welcome(admitted.pass)
    return true
  }
}

function isOpen(item: { readonly type: string }): item is OpenItem {
  return item.type === "open"
}
