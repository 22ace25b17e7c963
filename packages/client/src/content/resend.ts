// Asking for what this device missed, and answering another one that asks (docs/protocol.md, "Healing"). Here is only what crosses the group;
// missed/ decides what is asked for, said and believed.

import { CodecError, decodeCbor, encodeCbor } from "@nodoor/bytes"
import { rangesOf } from "../store/missed/ranges.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import type { ResendRequest, Resent } from "../store/missed/said-of-missed.ts"

export const requestIdBytes = 16
const groupIdBytes = 32
const requestMax = 4_096
const answerMax = 262_144

const ends = ["more", "whole", "part"] as const

export const resendRequest: ContentType<ResendRequest, never> = {
  name: "resend-request",
  isSilent: true,
  compose: async (writing, { requestId, about, kemKey, ranges }) => {
    const list = ranges.map(([from, to]) => [from, to])
    return await writing.queue({ part: singlePart(mimeTypes.resendRequest, encodeCbor([requestId, about, kemKey, list])) })
  },
  accepts: ({ part }) => contentOf(part, mimeTypes.resendRequest) !== undefined,
  receive: async ({ part, missed }) => {
    const request = decoded(contentOf(part, mimeTypes.resendRequest), decodeRequest)
    await missed(request ? { asked: request } : { refused: "malformed" })
  },
}

export const resent: ContentType<Resent, never> = {
  name: "resent",
  isSilent: true,
  compose: async (writing, { requestId, end, kemOutput, ciphertext }) =>
    await writing.queue({ part: singlePart(mimeTypes.resent, encodeCbor([requestId, ends.indexOf(end), kemOutput, ciphertext])) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.resent) !== undefined,
  receive: async ({ part, missed }) => {
    const answer = decoded(contentOf(part, mimeTypes.resent), decodeResent)
    await missed(answer ? { answered: answer } : { refused: "malformed" })
  },
}

function decodeRequest(encoded: Uint8Array): ResendRequest {
  const value = decodeCbor(encoded, { maxBytes: requestMax })
  if (!Array.isArray(value) || value.length !== 4) throw new CodecError("invalid_value", "request")
  const [requestId, about, kemKey, ranges] = value
  if (!isBytes(requestId, requestIdBytes) || !isBytes(about, groupIdBytes)) throw new CodecError("invalid_value", "ids of a request")
  if (!(kemKey instanceof Uint8Array) || ranges === undefined) throw new CodecError("invalid_value", "request")
  return { requestId, about, kemKey, ranges: rangesOf(ranges) }
}

function decodeResent(encoded: Uint8Array): Resent {
  const value = decodeCbor(encoded, { maxBytes: answerMax })
  if (!Array.isArray(value) || value.length !== 4) throw new CodecError("invalid_value", "answer")
  const [requestId, number, kemOutput, ciphertext] = value
  const end = typeof number === "number" ? ends[number] : undefined
  if (!isBytes(requestId, requestIdBytes) || end === undefined) throw new CodecError("invalid_value", "answer")
  if (!(kemOutput instanceof Uint8Array) || !(ciphertext instanceof Uint8Array)) throw new CodecError("invalid_value", "answer")
  return { requestId, end, kemOutput, ciphertext }
}

function isBytes(value: unknown, sizeBytes: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === sizeBytes
}

/** Undefined for what is no such content. */
function decoded<T>(encoded: Uint8Array | undefined, decode: (encoded: Uint8Array) => T): T | undefined {
  try {
    return encoded && decode(encoded)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
