// A piece of an open device that has a life of its own: it works while the connection stands, pauses while it does not, and ends.

export interface Part {
  /** The device is connected and its messages are on their way. Called again after every interruption. Never throws. */
  online(): void
  /** The connection is gone. What needs it waits for `online`. Never throws. */
  offline(): void
  /** Nothing may be started from here on. Called once; resolves when what is under way has ended. */
  close(): void | Promise<void>
}
