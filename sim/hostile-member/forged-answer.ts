// What a client with changed code answers to a device that missed something: every field as it likes, sealed for that device unless said otherwise
// (docs/protocol.md, "Healing").

import { type CborValue, concat, encodeCbor, toUtf8 } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import type { Part } from "./forged-content.ts"

export interface AskedFor {
  readonly requestId: Uint8Array
  readonly groupId: Uint8Array
  /** Of the key that answers are sealed to. */
  readonly secret: Uint8Array
}

export interface ForgedMessage {
  readonly order: CborValue
  readonly messageId: Uint8Array
  readonly timeMs: number
  readonly accountId: Uint8Array
  readonly groupId: Uint8Array
  readonly kind?: string
  readonly parts?: readonly CborValue[]
  readonly markdown?: string
}

const suite = nodeProvider.suite(0x004f)

/** One record of a message, and the ids that it names. */
function recordOf(message: ForgedMessage): { readonly ids: readonly Uint8Array[]; readonly record: Uint8Array } {
  const { order, messageId, timeMs, kind = "content", markdown = "forged" } = message
  const parts = message.parts ?? [["text", markdown, null]]
  const fields = [0, 1, messageId, order, timeMs, 0, kind, null, null, false, null, null, null, parts as CborValue, [], []]
  return { ids: [message.accountId, message.groupId], record: encodeCbor([9, fields as CborValue]) }
}

export function forgedAnswer(
  asked: AskedFor,
  by: Uint8Array,
  {
    messages = [],
    through = null,
    plaintext,
    end = 0,
    requestId = asked.requestId,
    about = asked.groupId,
    secret = asked.secret,
  }: {
    readonly messages?: readonly ForgedMessage[]
    readonly through?: CborValue
    readonly plaintext?: Uint8Array
    readonly end?: number
    readonly requestId?: Uint8Array
    readonly about?: Uint8Array
    readonly secret?: Uint8Array
  },
): Part {
  const records = messages.map(recordOf)
  const ids = records[0]?.ids ?? []
  const encoded = plaintext ?? encodeCbor([through, [...ids], records.map(({ record }) => record)])
  const to = suite.deriveKeyPair(secret).publicKey
  const info = concat(toUtf8("nodoor/resent/v1\0"), requestId, about, by)
  const { kemOutput, ciphertext } = suite.hpkeSeal(to, info, new Uint8Array(), encoded, nodeProvider.random)
  return [0, "", 1, "application/vnd.nodoor.resent", encodeCbor([requestId, end, kemOutput, ciphertext])]
}

export function forgedRequest({ requestId, groupId, secret }: AskedFor, ranges: CborValue): Part {
  const key = suite.deriveKeyPair(secret).publicKey.bytes
  return [0, "", 1, "application/vnd.nodoor.resend-request", encodeCbor([requestId, groupId, key, ranges])]
}

/** What stands in an answer to the asker's own request; undefined if it does not open. */
export function openedAnswer(
  asked: AskedFor,
  by: Uint8Array,
  sealed: { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array },
): Uint8Array | undefined {
  const info = concat(toUtf8("nodoor/resent/v1\0"), asked.requestId, asked.groupId, by)
  const { privateKey } = suite.deriveKeyPair(asked.secret)
  return suite.hpkeOpen(privateKey, sealed.kemOutput, info, new Uint8Array(), sealed.ciphertext)
}
