// A client that looks one person up, cold and warm: the same code is timed in Node and in a browser.

import { IndexCache, type KnownLabel, type LogCrypto, decodeSearchRequest, labelKey, pinLog, verifySearch } from "@nodoor/keylog"

/** What a server sent, and when: two looks at one handle and its account, one epoch apart. */
export interface Looks {
  readonly config: Uint8Array
  readonly nowMs: number
  readonly cold: Look
  readonly warm: Look
}

export interface Look {
  readonly request: Uint8Array
  readonly response: Uint8Array
}

/** Each call verifies one response, from nothing or with everything the cold look taught. */
export function clientOf(
  crypto: LogCrypto,
  { config, nowMs, cold, warm }: Looks,
): { readonly cold: () => unknown; readonly warm: () => unknown } {
  const pin = pinLog(crypto, config)
  const coldRequest = decodeSearchRequest(cold.request)
  const warmRequest = decodeSearchRequest(warm.request)
  const lookCold = (): ReturnType<typeof verifySearch> => {
    const indices = new IndexCache({ maxEntries: 1 })
    return verifySearch(crypto, { pin, stored: undefined, request: coldRequest, response: cold.response, known: new Map(), indices, nowMs })
  }
  const { head: stored, learned, lookups } = lookCold()
  const indices = new IndexCache({ maxEntries: 1000 })
  indices.add(learned)
  const known = new Map<string, KnownLabel>()
  for (const lookup of lookups) {
    if (lookup.status === "account") known.set(labelKey(lookup.label), { kind: "account", account: lookup.account })
    if (lookup.status === "handle") known.set(labelKey(lookup.label), { kind: "handle", version: lookup.version, binding: lookup.encoded })
  }
  return {
    cold: lookCold,
    warm: () => verifySearch(crypto, { pin, stored, request: warmRequest, response: warm.response, known, indices, nowMs }),
  }
}
