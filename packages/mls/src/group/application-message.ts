// Sending application data, RFC 9420 §15.

import type { Engine } from "../api/api.ts"
import { ownContent, signContent } from "../message/content-authentication.ts"
import { empty } from "../codec/cryptographic-objects.ts"
import { encodedContent } from "../message/framing.ts"
import { checkActive, internal } from "./group-state.ts"
import { checkOwnSigner, sealOwn } from "./own-message.ts"
import { wireFormat } from "../codec/wire-format.ts"

/** One message, one record to write. @throws MlsError `group_inactive`, `wrong_signer`, `generation_too_far` when the epoch's ratchet is used up */
export const protect: Engine["protect"] = (env, state, input) => {
  const group = internal(state)
  checkActive(group)
  checkOwnSigner(group, input.signer)
  const framed = {
    groupId: group.groupId,
    epoch: group.epoch,
    sender: { type: "member", leafIndex: group.ownLeafIndex } as const,
    authenticatedData: new Uint8Array(input.authenticatedData ?? empty),
    ...encodedContent({ type: "application", data: input.plaintext }),
  }
  const signature = signContent(
    env.crypto.suite(group.suite),
    wireFormat.privateMessage,
    framed,
    group.context.encoded,
    input.signer.privateKey,
  )
  return sealOwn(env, group, ownContent({ wireFormat: wireFormat.privateMessage, framed, auth: { signature, confirmationTag: undefined } }))
}
