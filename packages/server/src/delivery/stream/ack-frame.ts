// Frames of acknowledgements, read in place: most of what comes in on reading streams. Everything else goes through the codec of the wire.

import { limits } from "@nodoor/wire"
import { itemTypes } from "@nodoor/wire/delivery"

/** Where the fields of an acknowledgement stand, and how large it is. */
export const ackAt = { sub: 1, order: 5, size: 13 } as const

/** The largest upper half of an order that a number can hold. */
const orderHighMax = 0x1f_ffff

/** Whether the frame consists of acknowledgements only. */
export function isAckFrame(frame: Buffer): boolean {
  const size = frame.length
  if (size === 0 || size % ackAt.size !== 0 || size > limits.frameItems * ackAt.size) return false
  for (let at = 0; at < size; at += ackAt.size)
    if (frame[at] !== itemTypes.ack || frame.readUInt32BE(at + ackAt.order) > orderHighMax) return false
  return true
}
