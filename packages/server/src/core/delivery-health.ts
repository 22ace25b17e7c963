// The little of the delivery service that operators look at: whether its database is in order, and counts.

export interface DeliveryHealth {
  /** "ok", or what is wrong. */
  integrity(input: Record<string, never>): Promise<string>
  depth(input: Record<string, never>): Promise<DeliveryCounts>
  /** What devices stored for themselves. */
  blobDepth(input: Record<string, never>): Promise<{ readonly blobs: number; readonly bytes: number }>
}

export interface DeliveryCounts {
  readonly groups: number
  readonly bodies: number
  readonly bytes: number
  /** Unix hour of the oldest body; undefined if nothing waits. */
  readonly oldestHour: number | undefined
}

export interface DeliveryStreams {
  /** Streams that are open. */
  streams(): { readonly reading: number; readonly posting: number }
}
