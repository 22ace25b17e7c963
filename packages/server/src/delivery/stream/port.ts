// What a stream connects: a transport on one side, the service on the other.

/** Where a stream's frames go. */
export interface FrameSink {
  /** Sends one binary message. `sent` runs when the operating system has it. */
  send(frame: Uint8Array, sent: () => void): void
  /**
   * The same without a copy, if the transport can: the message is what stands from `from` to `to`, and the `frameHeadBytes` before it may be
   * written over. Answers whether the operating system has all of it, so that the buffer may be used again at once.
   */
  readonly sendInPlace?: (buffer: Buffer, from: number, to: number) => boolean
  /** Bytes that were sent here and are not with the operating system yet. */
  bufferedBytes(): number
  /** Closes the transport after what was sent. */
  close(): void
}
export const frameHeadBytes = 10

/** What the transport tells a stream. */
export interface FramePort {
  /** One binary message of the client; anything else as an empty one. */
  receive(frame: Uint8Array): void
  /** The transport is gone. */
  closed(): void
  /** Whether the client has shown a pass. */
  readonly opened: boolean
}

/** What the service learns of who calls. */
export interface StreamCaller {
  readonly address: string
}
