// What the four kinds of connections may carry: a session names its device, and nothing else ever does. Neither ids of an account or a
// device nor a session's token may be in any byte of a connection that is not a session's own.

import { toHex } from "@nodoor/bytes"
import { BrokenPromise } from "./broken-promise.ts"

/** `lone`: of the class `anonymous`, on a connection of its own. */
export type ConnectionKind = "session" | "anonymous" | "lone" | "reading" | "posting"

/** One message on its way, in either direction, as somebody at the server's door sees it. */
export interface Carried {
  readonly kind: ConnectionKind
  readonly address: string
  /** The session that the request showed. */
  readonly token?: Uint8Array | undefined
  readonly bytes: Uint8Array
}

interface Name {
  readonly what: string
  readonly bytes: Uint8Array
  /** Whose connections must not carry it: everybody's, or those of one address. */
  readonly address: string | undefined
  /** People ask for it on connections of their own; so do its own devices, when they let a further one in. */
  readonly isAsked: boolean
}

export class ConnectionChecker {
  readonly #names = new Map<string, Name>()
  /** How many messages each kind of connection carried. */
  readonly counts: Record<ConnectionKind, number> = { session: 0, anonymous: 0, lone: 0, reading: 0, posting: 0 }

  /** An id of an account or a device. Who lives at `address` names it to nobody but the session; others may ask for it, not read or post by it. */
  know(what: string, id: Uint8Array, address: string, { isAsked = false }: { readonly isAsked?: boolean } = {}): void {
    this.#names.set(`${toHex(id)} ${address}`, { what, bytes: id, address, isAsked })
  }

  /** @throws BrokenPromise */
  carried({ kind, address, token, bytes }: Carried): void {
    this.counts[kind]++
    if (kind === "session") {
      if (token) this.#names.set(toHex(token), { what: "a session", bytes: token, address: undefined, isAsked: false })
      return
    }
    if (token) throw new BrokenPromise(`a connection of the class ${kind} shows a session`)
    const stream = kind === "reading" || kind === "posting"
    for (const name of this.#names.values()) {
      if (!stream && name.address !== undefined && name.address !== address) continue
      if (kind === "lone" && name.isAsked) continue
      if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(name.bytes))
        throw new BrokenPromise(`a connection of the class ${kind} carries ${name.what}`)
    }
  }
}
