// Requests to be let in again, made by hand from what docs/protocol.md says ("Healing").

import { concat, decodeTls, encodeTls, equal, toUtf8 } from "@nodoor/bytes"
import { type Environment, type GroupState, type ProposalInput, exportSecret, parseKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { Ghost } from "./ghost.ts"
import { type Deviation, type HandMade, type Hands, type MadeCommit, commitByHand } from "./hand-made-group.ts"
import { keysOf, newSeat, readmissionsType, seatsProposal } from "./seats.ts"
import type { Asked } from "./shown-groups.ts"

const requestBytes = 8_192
const nonceBytes = 12
const tagBytes = 16

/**
 * A request for the seat, sealed with the key of the group's epoch. `ghost`: whose KeyPackage and signature it is. `signedSeat`: the seat that is
 * signed, if another.
 */
export function forgeRejoin(
  state: GroupState,
  ghost: Ghost,
  { seat, signedSeat = seat }: { readonly seat: Uint8Array; readonly signedSeat?: Uint8Array },
): Asked {
  const { env } = ghost
  const { groupId, epoch } = state
  const { message } = ghost.keyPackage()
  const { ref } = parseKeyPackage(env, message)
  const own = newSeat()
  const { publicKey, readHash } = keysOf(own)
  const signed = encodeTls((w) =>
    w.raw(toUtf8("nodoor/readmission/v1\0")).raw(groupId).raw(signedSeat).u64(epoch).vector(ref).raw(own.seat).raw(publicKey).raw(readHash),
  )
  const signature = nodeProvider.signEd25519({ privateKey: ghost.signer.privateKey, message: signed })
  const plain = new Uint8Array(requestBytes - nonceBytes - tagBytes)
  plain.set(encodeTls((w) => w.raw(ghost.deviceId).raw(own.seat).raw(publicKey).raw(readHash).raw(signature).prefixed(4, message)))
  const nonce = nodeProvider.random(nonceBytes)
  const sealed = nodeProvider.suite(state.suite).seal(sealingKeyOf(env, state), nonce, contextOf(state, seat), plain)
  return { seat, epoch: Number(epoch), sealed: concat(nonce, sealed) }
}

/**
 * A commit that lets in a device that asked, made by a member: as an honest one, or with whatever else is proposed in it. `known`: the group
 * in the epoch that the request names.
 */
export function answerRejoin(
  hands: Hands,
  group: HandMade,
  { asked, known }: { readonly asked: Asked; readonly known: GroupState },
  { more = [], welcome = "genuine" }: { readonly more?: readonly ProposalInput[]; readonly welcome?: Deviation["wholeWelcome"] } = {},
): MadeCommit {
  const { env } = hands
  const { seats } = group
  const opened = nodeProvider
    .suite(known.suite)
    .open(sealingKeyOf(env, known), asked.sealed.slice(0, nonceBytes), contextOf(known, asked.seat), asked.sealed.slice(nonceBytes))
  if (!opened) throw new TypeError("a request of another epoch")
  const { keys, signature, message } = decodeTls(opened, (r) => {
    r.raw(16)
    const keys = { seat: r.raw(16).slice(), publicKey: r.raw(32).slice(), readHash: r.raw(32).slice() }
    const signature = r.raw(64).slice()
    const message = r.prefixed(4, requestBytes).slice()
    r.raw(r.remainingBytes)
    return { keys, signature, message }
  })
  const keyPackage = parseKeyPackage(env, message)
  const leaf = [...seats].find(([, { seat }]) => equal(seat, asked.seat))?.[0]
  if (leaf === undefined) throw new TypeError("nobody's seat")
  const wish = encodeTls((w) => w.vector(keyPackage.ref).raw(asked.seat).u64(BigInt(asked.epoch)).raw(keys.readHash).raw(signature))
  return commitByHand(
    hands,
    group,
    [
      { type: "remove", leafIndex: leaf },
      { type: "add", keyPackage },
      { type: "private_use", proposalType: readmissionsType, data: wish },
      ...more,
    ],
    {
      seatsProposals: [seatsProposal([{ ref: keyPackage.ref, ...keys }])],
      adds: [keys],
      // The new leaf is at the place of the one that goes.
      told: (held) => new Map([...held, [leaf, { seat: keys.seat, publicKey: keys.publicKey, own: false }]]),
      wholeWelcome: welcome,
    },
  )
}

function sealingKeyOf(env: Environment, state: GroupState): Uint8Array {
  const key = exportSecret(env, state, { label: "nodoor rejoin", context: encodeTls((w) => w.u64(state.epoch)), lengthBytes: 32 })
  const { keyBytes } = nodeProvider.suite(state.suite)
  return nodeProvider.sha256(concat(toUtf8("nodoor/rejoin-seal/v1\0"), key)).subarray(0, keyBytes)
}

function contextOf({ groupId, epoch }: GroupState, seat: Uint8Array): Uint8Array {
  return encodeTls((w) => w.raw(groupId).raw(seat).u64(epoch))
}
