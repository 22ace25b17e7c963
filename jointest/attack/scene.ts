// A world as the attacker looks at it, and the truth about it. Plain data: it goes from one thread to another.

import type { Evidence } from "../evidence/evidence.ts"
import type { People } from "../population/step.ts"
import type { Seat } from "../target/names.ts"
import { type Side, deviceSide, seatSide } from "./side.ts"

export interface Scene {
  readonly people: People
  readonly seats: readonly Seat[]
  /** By seat: 1 if any copy has it. */
  readonly isListed: Uint8Array
  readonly devices: Side
  /** What is known about each seat. */
  readonly places: Side
  /** By seat and device: how surely bytes say that the seat is the device's, from 0 to 1. */
  readonly links: ReadonlyMap<number, ReadonlyMap<number, number>>
  /** By seat: those with which it has bytes in common that few others have. */
  readonly twins: ReadonlyMap<number, ReadonlySet<number>>
}

export function sceneOf(evidence: Evidence): Scene {
  const { seats } = evidence.names
  return {
    people: evidence.people,
    seats,
    isListed: Uint8Array.from(seats, (_, seat) => (evidence.isListed(seat) ? 1 : 0)),
    devices: deviceSide(evidence),
    places: seatSide(evidence),
    links: evidence.bytes.links,
    twins: evidence.bytes.twins,
  }
}
