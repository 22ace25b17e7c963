// Groups: create, post, commit. The server learns from a signature that a member is asking, and nothing about which.

import { toHex } from "@nodoor/bytes"
import {
  type CommitRequest,
  type PostRequest,
  WireError,
  commit,
  commitSignatureInput,
  createGroup,
  createSignatureInput,
  post,
  postSignatureInput,
} from "@nodoor/wire"
import { serverCrypto, sha256 } from "../core/crypto.ts"
import type { Clock } from "../core/ports.ts"
import type { PlacedBody, Store } from "../store/store.ts"
import type { Announcer } from "../stream/announcer.ts"
import type { ClaimTokens } from "../accounts/claim-token.ts"
import { type Handler, openRoute } from "../route/handler.ts"
import { type RateLimit, costOf } from "../route/rate-limit.ts"

export interface GroupPorts {
  readonly store: Pick<Store, "groupKeys" | "createGroup" | "appendPost" | "commitGroup" | "findPlaced" | "groupMailboxes">
  readonly clock: Clock
  readonly claimTokens: ClaimTokens
  readonly rateLimit: RateLimit
  readonly announcer: Announcer
}

/** `mailboxMaxBytes`: what may wait in one mailbox. */
export function groupRoutes(ports: GroupPorts, { mailboxMaxBytes = Infinity }: { readonly mailboxMaxBytes?: number }): Handler[] {
  const { store, clock, claimTokens, rateLimit, announcer } = ports

  /** Counted after the signature check, so that a non-member can't use up the members' rate. */
  const limitGroup = (groupId: Uint8Array, sizeBytes: number): void => rateLimit.take("memberGroup", toHex(groupId), costOf(sizeBytes))

  /** The key that must have signed, or `stale` with the current epoch when that key is gone. Read each time, because a removal ends a key early. */
  const keyOf = async (groupId: Uint8Array, epoch: number): Promise<Uint8Array | { readonly stale: number }> => {
    const keys = await store.groupKeys({ groupId })
    if (keys === undefined) throw new WireError("group_not_found")
    if (epoch > keys.epoch) throw new WireError("epoch_future", "epoch_future", { epoch: keys.epoch })
    return (epoch === keys.epoch ? keys.deliveryKey : epoch === keys.epoch - 1 ? keys.previousKey : undefined) ?? { stale: keys.epoch }
  }

  /**
   * Whether the signature verifies, and then the group is charged; `stale` if the epoch is so old that its key is gone: nothing was checked,
   * so the group is not charged, and only a body that was placed before is answered.
   */
  const verify = async (
    request: PostRequest | CommitRequest,
    message: Uint8Array,
    sizeBytes: number,
  ): Promise<{ readonly stale: number } | undefined> => {
    const key = await keyOf(request.groupId, request.epoch)
    if (!(key instanceof Uint8Array)) return key
    if (!serverCrypto.verifyEd25519({ publicKey: key, message, signature: request.signature })) throw new WireError("invalid_signature")
    limitGroup(request.groupId, sizeBytes)
    return undefined
  }

  const placedBefore = async (
    groupId: Uint8Array,
    bodyHash: Uint8Array,
    epoch: number,
  ): Promise<NonNullable<Awaited<ReturnType<Store["findPlaced"]>>>> => {
    const placed = await store.findPlaced({ groupId, bodyHash })
    if (placed === undefined) throw new WireError("epoch_stale", "epoch_stale", { epoch })
    return placed
  }

  const postEphemeral = async (request: PostRequest): Promise<{ order: number; timeMs: number }> => {
    const { groupId, body } = request
    const old = await verify(request, postSignatureInput(sha256, request), body.length)
    if (old !== undefined) throw new WireError("epoch_stale", "epoch_stale", { epoch: old.stale })
    const mailboxes = await store.groupMailboxes({ groupId })
    if (mailboxes !== undefined) announcer.ephemeral(mailboxes, { groupId, body })
    return { order: 0, timeMs: clock.nowMs() }
  }

  return [
    openRoute(createGroup, async (request) => {
      const { groupId, deliveryKey, mailbox, token, signature } = request
      const message = createSignatureInput(request)
      if (!serverCrypto.verifyEd25519({ publicKey: deliveryKey, message, signature })) throw new WireError("invalid_signature")
      const createHash = sha256(message)
      const claim = claimTokens.check(mailbox, token)
      await store.createGroup({ groupId, deliveryKey, mailbox, createHash, claim, nowMs: clock.nowMs() })
      return {}
    }),

    openRoute(post, async (request) => {
      const { groupId, epoch, body } = request
      if (body.length === 0) throw new WireError("bad_request", "an empty body")
      if (request.ephemeral === true) return postEphemeral(request)
      const bodyHash = sha256(body)
      const old = await verify(
        request,
        postSignatureInput(() => bodyHash, request),
        body.length,
      )
      if (old !== undefined) return place(await placedBefore(groupId, bodyHash, old.stale))
      const placed = await store.appendPost({ groupId, epoch, body, bodyHash, nowMs: clock.nowMs(), mailboxMaxBytes })
      announcer.posted(placed.recipients, { groupId, order: placed.order, timeMs: placed.timeMs, body })
      return place(placed)
    }),

    openRoute(commit, async (request) => {
      const { groupId, epoch } = request
      checkShape(request)
      const secretBytes = request.adds.reduce((sum, add) => sum + add.secret.length, 0)
      const sizeBytes = request.commit.length + (request.groupInfo?.length ?? 0) + secretBytes
      const commitHash = sha256(request.commit)
      const old = await verify(request, commitSignatureInput(sha256, request), sizeBytes)
      // The tokens of a commit that was taken are spent; the same commit again must still be answered.
      const before = await store.findPlaced({ groupId, bodyHash: commitHash })
      if (before?.fanout !== undefined) return { ...place(before), fanout: before.fanout }
      if (old !== undefined) throw new WireError("epoch_stale", "epoch_stale", { epoch: old.stale })
      const placed = await store.commitGroup({
        groupId,
        epoch,
        commit: request.commit,
        commitHash,
        groupInfo: request.groupInfo,
        adds: request.adds.map(({ mailbox, token, secret }) => ({ mailbox, secret, claim: claimTokens.check(mailbox, token) })),
        removes: request.removes,
        nextDeliveryKey: request.nextDeliveryKey,
        nowMs: clock.nowMs(),
        mailboxMaxBytes,
      })
      announcer.woken(placed.recipients)
      return { ...place(placed), fanout: placed.fanout }
    }),
  ]
}

function place({ order, timeMs }: Pick<PlacedBody, "order" | "timeMs">): { order: number; timeMs: number } {
  return { order, timeMs }
}

function checkShape({ commit: body, groupInfo, adds, removes }: CommitRequest): void {
  if (body.length === 0) throw new WireError("bad_request", "an empty commit")
  if ((groupInfo !== undefined) !== adds.length > 0)
    throw new WireError("bad_request", "a GroupInfo is required with adds, and not allowed without")
  const distinct = (mailboxes: readonly Uint8Array[]): boolean => new Set(mailboxes.map(toHex)).size === mailboxes.length
  if (!distinct(adds.map((add) => add.mailbox)) || !distinct(removes)) throw new WireError("bad_request", "a mailbox is named twice")
}
