// The key schedule, RFC 9420 §8 and §8.5, and the welcome keys of §12.4.3.1.

import type { Engine } from "../api/api.ts"
import { deriveSecret, empty, expandWithLabel } from "../codec/cryptographic-objects.ts"
import type { GroupContext } from "../codec/group-context.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

/** What an epoch keeps of its key schedule. `encryption_secret` lives in the secret tree, the epoch secret itself nowhere. */
export interface EpochSecrets {
  readonly senderData: Uint8Array
  readonly exporter: Uint8Array
  readonly external: Uint8Array
  readonly membership: Uint8Array
  readonly resumption: Uint8Array
  readonly authenticator: Uint8Array
  readonly init: Uint8Array
}

export interface NewEpoch {
  readonly secrets: EpochSecrets
  readonly encryption: Uint8Array
  readonly confirmation: Uint8Array
}

export function zeros(suite: SuiteCrypto): Uint8Array {
  return new Uint8Array(suite.hashBytes)
}

/** `commitSecret` is all zero for a commit without path, RFC 9420 §12.4.2. */
export function joinerSecret(suite: SuiteCrypto, initSecret: Uint8Array, commitSecret: Uint8Array, context: GroupContext): Uint8Array {
  return expandWithLabel(suite, suite.extract(initSecret, commitSecret), "joiner", context.encoded, suite.hashBytes)
}

export function welcomeSecret(suite: SuiteCrypto, joiner: Uint8Array, pskSecret: Uint8Array): Uint8Array {
  return deriveSecret(suite, suite.extract(joiner, pskSecret), "welcome")
}

export function welcomeKeys(suite: SuiteCrypto, secret: Uint8Array): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  return {
    key: expandWithLabel(suite, secret, "key", empty, suite.keyBytes),
    nonce: expandWithLabel(suite, secret, "nonce", empty, suite.nonceBytes),
  }
}

export function epochFromJoiner(suite: SuiteCrypto, joiner: Uint8Array, pskSecret: Uint8Array, context: GroupContext): NewEpoch {
  return epochFromSecret(suite, expandWithLabel(suite, suite.extract(joiner, pskSecret), "epoch", context.encoded, suite.hashBytes))
}

/** RFC 9420 Table 4. */
export function epochFromSecret(suite: SuiteCrypto, epochSecret: Uint8Array): NewEpoch {
  const derive = (label: string): Uint8Array => deriveSecret(suite, epochSecret, label)
  return {
    secrets: {
      senderData: derive("sender data"),
      exporter: derive("exporter"),
      external: derive("external"),
      membership: derive("membership"),
      resumption: derive("resumption"),
      authenticator: derive("authentication"),
      init: derive("init"),
    },
    encryption: derive("encryption"),
    confirmation: derive("confirm"),
  }
}

/** MLS-Exporter, RFC 9420 §8.5. */
export function exporter(suite: SuiteCrypto, exporterSecret: Uint8Array, input: Parameters<Engine["exportSecret"]>[2]): Uint8Array {
  const secret = deriveSecret(suite, exporterSecret, input.label)
  return expandWithLabel(suite, secret, "exported", suite.hash(input.context), input.lengthBytes)
}
