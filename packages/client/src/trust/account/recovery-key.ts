// The account's recovery key: without its signature nobody can start the account over, the operator included (docs/transparency.md, A16). New
// accounts have one from their first state; those from before get one by an update of their device.

import { equal, toUtf8 } from "@nodoor/bytes"
import { type AccountState, type VerifiedAccountState, signAccountState } from "@nodoor/keylog"
import { type CryptoProvider, generateSigner } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Reader } from "../../store/reader.ts"
import { productSuite } from "../../core/suite.ts"
import type { Transaction } from "../../core/transaction.ts"
import { findRecoveryKey, saveRecoveryKey, settleRecoveryKey } from "../../store/trust/own-account.ts"

/**
 * The key's 32 secret bytes; undefined while there is none here, or the log shows the account with another key or none: a key that starts
 * nothing over is not handed out as one that does.
 */
export async function readRecoverySeed(
  reader: Reader,
  { crypto, account }: { readonly crypto: CryptoProvider; readonly account: VerifiedAccountState | undefined },
): Promise<Uint8Array | undefined> {
  const { seed } = await findRecoveryKey(reader)
  return seed !== undefined && account !== undefined && isRecoverySeedOf(crypto, account, seed) ? seed : undefined
}

/** Whether these are the secret bytes of the account's recovery key. */
export function isRecoverySeedOf(
  crypto: CryptoProvider,
  { state: { recoveryKey: publicKey } }: VerifiedAccountState,
  seed: Uint8Array,
): boolean {
  const message = toUtf8("nodoor is this the recovery key")
  return (
    publicKey !== undefined && crypto.verifyEd25519({ publicKey, message, signature: crypto.signEd25519({ privateKey: seed, message }) })
  )
}

/** The version that gives the account its key, signed here and not seen in the log yet. */
export async function pendingRecoveryUpdate(reader: Reader): Promise<Uint8Array | undefined> {
  return (await findRecoveryKey(reader)).update
}

/** Makes the next version of an account without a key, with one, and stores both: what is sent later is what is stored now. */
export function prepareRecoveryUpdate(
  tx: Transaction,
  { crypto, clock, own }: { readonly crypto: CryptoProvider; readonly clock: Clock; readonly own: OwnDevice },
  { state, stateHash }: VerifiedAccountState,
): Uint8Array {
  const env = { crypto, timeMs: clock.nowMs() }
  const { publicKey, privateKey } = generateSigner(env, { suite: productSuite, identity: new Uint8Array() })
  const next: AccountState = { ...state, version: state.version + 1, prev: stateHash, kind: "update", recoveryKey: publicKey }
  const signers = [{ deviceId: own.deviceId, privateKey: own.signer.privateKey }]
  const signed = signAccountState(crypto, { state: next, signers })
  saveRecoveryKey(tx, { seed: privateKey, update: signed })
  return signed
}

/** These versions are the account's now: with the prepared one among them, the key is. */
export async function recoveryUpdateTaken(tx: Transaction, states: readonly VerifiedAccountState[]): Promise<void> {
  const pending = await pendingRecoveryUpdate(tx)
  if (pending && states.some(({ signed }) => equal(signed, pending))) settleRecoveryKey(tx)
}
