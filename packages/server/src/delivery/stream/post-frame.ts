// Frames of posts, read in place: most of what comes in. Everything else goes through the codec of the wire, and so does a frame that holds
// anything else.

import { limits } from "@nodoor/wire"
import { itemTypes } from "@nodoor/wire/delivery"

/** Where the fields of a post stand, from its first byte on. */
export const postAt = { ref: 1, groupId: 5, epoch: 37, flags: 45, mac: 46, length: 78, body: 82 } as const

/** The largest upper half of an epoch that a number can hold. */
const epochHighMax = 0x1f_ffff

/** Whether the frame consists of posts only, each in order; the codec says what is wrong with any other. */
export function isPostFrame(frame: Buffer): boolean {
  const size = frame.length
  if (size === 0 || size > limits.frameBytes) return false
  let items = 0
  for (let at = 0; at < size;) {
    if (frame[at] !== itemTypes.post || ++items > limits.frameItems || at + postAt.body > size) return false
    const length = frame.readUInt32BE(at + postAt.length)
    const flags = frame[at + postAt.flags] as number
    if (length === 0 || length > limits.postBytes || flags > 1 || frame.readUInt32BE(at + postAt.epoch) > epochHighMax) return false
    at += postAt.body + length
    if (at > size) return false
  }
  return true
}
