// The keys that sign tokens: one for each key epoch of three days, made one epoch ahead so that the log holds it before anybody needs it, in
// force in its epoch and the next, and erased after that.

import { equal, toHex } from "@nodoor/bytes"
import { type TokenKey, tokenKeyEpoch } from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"
import type { Clock, Log } from "../core/ports.ts"
import type { Store } from "./store/store.ts"
import { type TokenSigner, newTokenKey, tokenSigner } from "./token-signer.ts"

export interface TokenKeys {
  /** Makes the keys that are due, and erases those that are over. Called before every use; costs nothing while nothing is due. */
  ready(): Promise<void>
  /** The keys whose tokens are taken: of the present epoch and of the one before. */
  inForce(): readonly TokenKey[]
  /** Those of them that the log shows as they are. No other is given to anybody: a client would raise an alarm. */
  logged(): Promise<readonly TokenKey[]>
  /** The epoch that signs now. */
  epoch(): number
  /** Undefined if the key of the epoch is not here. */
  signer(epoch: number): TokenSigner | undefined
}

export interface TokenKeyPorts {
  readonly store: Pick<Store, "tokenKeys" | "tokenSecret" | "addTokenKey" | "dropTokenKeys">
  readonly clock: Clock
  readonly log: Log
  /** A new private key, PKCS #8. */
  readonly newKey?: (() => Promise<Uint8Array>) | undefined
  /** SHA-256 of the key that the published log holds for an epoch. Absent: there is no log. */
  readonly loggedKey?: ((epoch: number) => Promise<Uint8Array | undefined>) | undefined
  /** Called when a key was made: the log must take it in. */
  readonly made?: (() => void) | undefined
}

export function createTokenKeys({ store, clock, log, newKey = newTokenKey, loggedKey, made }: TokenKeyPorts): TokenKeys {
  const signers = new Map<number, TokenSigner>()
  const unlike = new Set<string>()
  let readyFor: number | undefined
  let underWay: Promise<void> | undefined

  const epoch = (): number => tokenKeyEpoch(clock.nowMs())

  const prepare = async (now: number): Promise<void> => {
    await store.dropTokenKeys({ before: now - 1 })
    for (const over of [...signers.keys()].filter((one) => one < now - 1)) signers.delete(over)
    let fresh = false
    for (const due of [now, now + 1]) fresh = (await makeIfMissing(due)) || fresh
    for (const one of [now - 1, now, now + 1]) {
      const privateKey = signers.has(one) ? undefined : await store.tokenSecret({ epoch: one })
      if (privateKey !== undefined) signers.set(one, tokenSigner(privateKey))
    }
    readyFor = now
    if (fresh) made?.()
  }
  const makeIfMissing = async (due: number): Promise<boolean> => {
    if ((await store.tokenKeys({})).some((row) => row.epoch === due)) return false
    const privateKey = await newKey()
    await store.addTokenKey({ epoch: due, privateKey, key: tokenSigner(privateKey).key })
    return true
  }
  const inForce = (): readonly TokenKey[] => {
    const now = epoch()
    return [now - 1, now].flatMap((one) => {
      const signer = signers.get(one)
      return signer === undefined ? [] : [{ epoch: one, key: signer.key }]
    })
  }

  return {
    epoch,
    inForce,
    ready: async () => {
      if (readyFor === epoch()) return
      underWay ??= prepare(epoch()).finally(() => (underWay = undefined))
      await underWay
    },
    logged: async () => {
      const keys: TokenKey[] = []
      for (const one of inForce()) {
        const shown = loggedKey === undefined ? sha256(one.key) : await loggedKey(one.epoch)
        if (shown !== undefined && equal(shown, sha256(one.key))) keys.push(one)
        // Accounts and log are from different backups. Nothing is signed with this key until the next one takes its place.
        else if (shown !== undefined && !unlike.has(toHex(shown))) {
          unlike.add(toHex(shown))
          log("error", "token_key_not_logged")
        }
      }
      return keys
    },
    signer: (one) => signers.get(one),
  }
}
