// Every seat at which this device reads: of the groups it is in, and of those that it was introduced to.

import { equal } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { Reader } from "../../store/reader.ts"
import { listPendingJoins } from "../../store/group/introductions.ts"
import { listRejoins } from "../../store/rejoin/healing.ts"
import { type OwnSeat, listSeatsInUse } from "../../store/group/seats.ts"
import { seatOf } from "./seat-keys.ts"

export interface SeatToRead {
  readonly groupId: Uint8Array
  readonly seat: Uint8Array
  readonly readSecret: Uint8Array
  /** Only this device knows the secret: it made the group, or has re-keyed the seat. */
  readonly isOwn: boolean
  /** The device is a member. Until then, only the record that lets it join is taken in. */
  readonly joined: boolean
  /** It asked to be let in again: there, or at this seat before. */
  readonly isAsked?: boolean
  /** It is being re-keyed: the service may know either secret. */
  readonly isChanging: boolean
}

/** Those that something new is waited for at come first, then those of the newest chats: a stream has room for so many and no more. */
export async function listSeatsToRead(crypto: Pick<CryptoProvider, "suite" | "sha256">, reader: Reader): Promise<readonly SeatToRead[]> {
  const joined = (await listSeatsInUse(reader)).map(({ groupId, seat, secret, nextSecret, own, otherSecret, n }): SeatToRead => {
    const isChanging = nextSecret !== undefined
    const isTakenOver = own || (otherSecret !== undefined && n > 0)
    return { groupId, seat, readSecret: seatOf(crypto, secret).readSecret, isOwn: isTakenOver && !isChanging, joined: true, isChanging }
  })
  const pending = (await listPendingJoins(reader)).map(({ groupId, seat, secret }): SeatToRead => ({
    groupId,
    seat,
    readSecret: seatOf(crypto, secret).readSecret,
    isOwn: false,
    joined: false,
    isChanging: false,
  }))
  const isRead = (seat: Uint8Array): boolean => joined.some((each) => equal(each.seat, seat))
  const asked = (await listRejoins(reader)).flatMap(({ groupId, seat, secret, askedSeat, askedSecret }) => [
    askedFor(crypto, { groupId, seat, secret }),
    // Of a place from an archive nothing else reads.
    ...(isRead(askedSeat) ? [] : [askedFor(crypto, { groupId, seat: askedSeat, secret: askedSecret })]),
  ])
  return [...pending, ...asked, ...joined]
}

function askedFor(
  crypto: Pick<CryptoProvider, "suite" | "sha256">,
  { groupId, seat, secret }: Pick<OwnSeat, "groupId" | "seat" | "secret">,
): SeatToRead {
  const readSecret = seatOf(crypto, secret).readSecret
  return { groupId, seat, readSecret, isOwn: false, joined: false, isAsked: true, isChanging: false }
}
