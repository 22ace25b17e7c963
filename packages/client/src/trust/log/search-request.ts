// What a search tells the log of this device: the log that it pinned, the head that it has, and the versions that it knows.

import {
  type HeadState,
  type KnownLabel,
  KeylogError,
  type LogCrypto,
  type LogPin,
  type SearchRequest,
  labelKey,
  pinLog,
} from "@nodoor/keylog"

export function searchRequest(
  crypto: LogCrypto,
  log: { readonly config: Uint8Array; readonly head: HeadState | undefined },
  labels: readonly Uint8Array[],
  known: ReadonlyMap<string, KnownLabel>,
): SearchRequest {
  const { config, head } = log
  return {
    lastSize: head?.size,
    logKey: head?.logKey ?? configKey(crypto, config),
    knownPolicy: head && crypto.sha256(head.policyEntry),
    labels: labels.map((label) => {
      const before = known.get(labelKey(label))
      return { label, knownVersion: before?.kind === "account" ? before.account.state.version : undefined }
    }),
  }
}

/** The pin of the log of the server that this device is registered at. @throws KeylogError */
export function checkedPin(crypto: LogCrypto, origin: string, config: Uint8Array): LogPin {
  const pin = pinLog(crypto, config)
  if (pin.origin !== `${origin}/kt/1`) throw new KeylogError("wrong_origin", "the log of another server")
  return pin
}

/** The key that the first checkpoint is asked under; an unreadable config is refused after the answer, with evidence. */
function configKey(crypto: LogCrypto, config: Uint8Array): Uint8Array {
  try {
    return pinLog(crypto, config).logKey
  } catch (error) {
    if (error instanceof KeylogError) return new Uint8Array(32)
    throw error
  }
}
