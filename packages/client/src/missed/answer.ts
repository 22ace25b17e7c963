// What an answer to a device that missed something holds: messages as an archive has them, sealed for that device alone. Who comes into the group
// later reads nothing of them.

import { type CborValue, CodecError, concat, decodeCbor, encodeCbor, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { decodeRecord, encodeRecord } from "../archive/format/record.ts"
import { messageRecord } from "../archive/write-archive.ts"
import { productSuite } from "../core/suite.ts"
import type { ArchivedMessage, PlacedMessage } from "../store/archive/archived-messages.ts"

export interface Answer {
  /** Everything up to this order is said with it; undefined while more answers follow. */
  readonly through: number | undefined
  readonly messages: readonly ArchivedMessage[]
}

/** For what an answer is: another device, another request or another member's answer opens nothing. */
export interface AnswerPlace {
  readonly requestId: Uint8Array
  readonly about: Uint8Array
  /** Who answers. */
  readonly accountId: Uint8Array
}

export interface SealedAnswer {
  readonly kemOutput: Uint8Array
  readonly ciphertext: Uint8Array
}

const label = toUtf8("nodoor/resent/v1\0")
const answerMax = 262_144
const messagesMax = 2_048
const idsMax = 4_096
const sizes = { account: 16, group: 32 } as const

export function encodeAnswer(through: number | undefined, messages: readonly PlacedMessage[]): Uint8Array {
  const ids = new Map<string, Uint8Array>()
  for (const { accountId, groupId, reactions, receipts } of messages)
    for (const id of [accountId, groupId, ...[...reactions, ...receipts].map((one) => one.accountId)]) ids.set(toHex(id), id)
  const numbers = new Map([...ids.keys()].map((id, number) => [id, number]))
  const records = messages.flatMap((message) => messageRecord(numbers, 0, message) ?? []).map(encodeRecord)
  return encodeCbor([through ?? null, [...ids.values()], records])
}

/** @throws CodecError */
export function decodeAnswer(encoded: Uint8Array): Answer {
  const value = decodeCbor(encoded, { maxBytes: answerMax })
  if (!Array.isArray(value) || value.length !== 3) throw new CodecError("invalid_value", "answer")
  const [through, ids, records] = value as CborValue[]
  if (through !== null && !(typeof through === "number" && Number.isSafeInteger(through) && through >= 0))
    throw new CodecError("invalid_value", "end of an answer")
  const known = bytesIn(ids, idsMax)
  const messages = bytesIn(records, messagesMax).map((record) => messageOf(record, known))
  return { through: through ?? undefined, messages }
}

function messageOf(encoded: Uint8Array, ids: readonly Uint8Array[]): ArchivedMessage {
  const record = decodeRecord(encoded)
  if (record.type !== "message" || record.chat !== 0) throw new CodecError("invalid_value", "record of an answer")
  const { type: _type, chat: _chat, account, group, reactions, receipts, ...kept } = record
  const idOf = (number: number, what: keyof typeof sizes): Uint8Array => {
    const id = ids[number]
    if (id?.length !== sizes[what]) throw new CodecError("invalid_value", "id in an answer")
    return id
  }
  return {
    ...kept,
    accountId: idOf(account, "account"),
    groupId: idOf(group, "group"),
    reactions: reactions.map(({ account: by, ...rest }) => ({ ...rest, accountId: idOf(by, "account") })),
    receipts: receipts.map(({ account: by, ...rest }) => ({ ...rest, accountId: idOf(by, "account") })),
  }
}

function bytesIn(value: CborValue | undefined, max: number): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > max) throw new CodecError("oversized", "list of an answer")
  return value.map((each: unknown) => {
    if (!(each instanceof Uint8Array)) throw new CodecError("invalid_value", "list of an answer")
    return each
  })
}

/** Undefined for what is no key. */
export function sealAnswer(
  crypto: CryptoProvider,
  random: Random,
  { kemKey, answer, ...place }: AnswerPlace & { readonly kemKey: Uint8Array; readonly answer: Uint8Array },
): SealedAnswer | undefined {
  const suite = crypto.suite(productSuite)
  const to = suite.importPublicKey(kemKey)
  return to && suite.hpkeSeal(to, infoOf(place), new Uint8Array(), answer, random)
}

/** Undefined for what was sealed to another key or for another place. */
export function openAnswer(
  crypto: CryptoProvider,
  secret: Uint8Array,
  { kemOutput, ciphertext, ...place }: AnswerPlace & SealedAnswer,
): Uint8Array | undefined {
  const suite = crypto.suite(productSuite)
  return suite.hpkeOpen(suite.deriveKeyPair(secret).privateKey, kemOutput, infoOf(place), new Uint8Array(), ciphertext)
}

/** Where answers are sealed to: the key of a secret that this device keeps until it has them. */
export function answerKey(crypto: CryptoProvider, secret: Uint8Array): Uint8Array {
  return crypto.suite(productSuite).deriveKeyPair(secret).publicKey.bytes
}

function infoOf({ requestId, about, accountId }: AnswerPlace): Uint8Array {
  return concat(label, requestId, about, accountId)
}
