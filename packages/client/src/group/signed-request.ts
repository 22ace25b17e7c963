// Requests to the server as a member of a group, signed with the delivery key of the epoch: the server learns "a member", not which.

import type { Environment, GroupState } from "@nodoor/mls"
import {
  type CommitRequest,
  type CreateGroupRequest,
  type PostRequest,
  commitSignatureInput,
  createSignatureInput,
  postSignatureInput,
} from "@nodoor/wire"
import { deliveryKeyPair } from "./delivery-key.ts"

/** Registers the group, with `mailbox` as its first member. */
export function signedCreation(
  env: Environment,
  state: GroupState,
  place: Pick<CreateGroupRequest, "mailbox" | "token">,
): CreateGroupRequest {
  const unsigned = {
    groupId: state.groupId,
    deliveryKey: deliveryKeyPair(env, state).publicKey,
    mailbox: place.mailbox,
    token: place.token,
  }
  return { ...unsigned, signature: sign(env, state, createSignatureInput(unsigned)) }
}

/** `ephemeral`: only for devices that are connected. The server does not store it. */
export function signedPost(
  env: Environment,
  state: GroupState,
  { body, ephemeral = false }: { readonly body: Uint8Array; readonly ephemeral?: boolean },
): PostRequest {
  const unsigned = { groupId: state.groupId, epoch: Number(state.epoch), body, ...(ephemeral && { ephemeral }) }
  return { ...unsigned, signature: sign(env, state, postSignatureInput(env.crypto.sha256, unsigned)) }
}

/** `next`: the state after the commit. Its delivery key is part of the request. */
export function signedCommit(
  env: Environment,
  state: GroupState,
  { next, ...parts }: Pick<CommitRequest, "commit" | "groupInfo" | "adds" | "removes"> & { readonly next: GroupState },
): CommitRequest {
  const unsigned = { groupId: state.groupId, epoch: Number(state.epoch), ...parts, nextDeliveryKey: deliveryKeyPair(env, next).publicKey }
  return { ...unsigned, signature: sign(env, state, commitSignatureInput(env.crypto.sha256, unsigned)) }
}

function sign(env: Environment, state: GroupState, message: Uint8Array): Uint8Array {
  return env.crypto.signEd25519({ privateKey: deliveryKeyPair(env, state).privateKey, message })
}
