// How the log asks its witnesses (c2sp.org/tlog-witness): it shows each a checkpoint that grew out of the one this witness signed last.

import { concat, toBase64, toUtf8 } from "@nodoor/bytes"
import { type LogCrypto, KeylogError, type NoteKey, type NoteSignature, findCosignature, parseNote } from "@nodoor/keylog"

export interface Cosigner {
  readonly key: NoteKey
  /** Submission prefix of a witness, or where an auditor's mirror begins. */
  readonly url: string
}

/** What the network does for the log. Rejects or answers within seconds; `body` is bounded. */
export interface LogNetwork {
  post(url: string, body: Uint8Array): Promise<NetworkAnswer>
  get(url: string): Promise<NetworkAnswer>
}

export interface NetworkAnswer {
  readonly status: number
  readonly body: Uint8Array
}

export type WitnessAnswer =
  | { readonly status: "signed"; readonly signatures: readonly NoteSignature[] }
  /** It has signed a tree of this size and wants a proof from there. */
  | { readonly status: "other size"; readonly size: number }
  /** It signed a different tree of this size, or does not accept ours as a tree. This is an alarm that people must look into. */
  | { readonly status: "refused"; readonly httpStatus: number }
  | { readonly status: "unreachable" }

/** Asks one witness once. Never rejects. */
export async function askWitness(
  ports: { readonly crypto: LogCrypto; readonly network: LogNetwork },
  witness: Cosigner,
  input: { readonly note: Uint8Array; readonly oldSize: number; readonly proof: readonly Uint8Array[] },
): Promise<WitnessAnswer> {
  const head = `old ${input.oldSize}\n${input.proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n`
  let answer: NetworkAnswer
  try {
    answer = await ports.network.post(`${witness.url}/add-checkpoint`, concat(toUtf8(head), input.note))
  } catch {
    return { status: "unreachable" }
  }
  if (answer.status === 200) return signaturesOf(ports.crypto, witness, input.note, answer.body)
  if (answer.status === 409) {
    const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(Buffer.from(answer.body).toString("latin1"))?.[1]
    if (size !== undefined && Number(size) !== input.oldSize) return { status: "other size", size: Number(size) }
  }
  return answer.status >= 500 ? { status: "unreachable" } : { status: "refused", httpStatus: answer.status }
}

/** The witness's own valid signatures. Anything else it sent is ignored, as the specification requires. */
function signaturesOf(crypto: LogCrypto, { key }: Cosigner, note: Uint8Array, body: Uint8Array): WitnessAnswer {
  try {
    const text = note.subarray(0, Buffer.from(note).lastIndexOf("\n\n") + 2)
    const parsed = parseNote(concat(text, body))
    const own = parsed.signatures.filter((signature) => {
      return findCosignature(crypto, { note: { text: parsed.text, signatures: [signature] }, key }) !== undefined
    })
    return own.length === 0 ? { status: "refused", httpStatus: 200 } : { status: "signed", signatures: own }
  } catch (error) {
    if (error instanceof KeylogError) return { status: "refused", httpStatus: 200 }
    throw error
  }
}
