// What a person does with the recovery key: sees its words, proves that they are written down, checks words, locks it with a passkey as well.

import { fromHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { ClientError } from "../core/client-error.ts"
import type { Clock } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import { readerOf } from "../store/reader.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import { deleteUnprovenPasskey, findUnprovenPasskey, saveUnprovenPasskey } from "../store/trust/recovery.ts"
import { recoveryTexts } from "../texts/en-recovery.ts"
import { isRecoverySeedOf, readRecoverySeed } from "../trust/account/recovery-key.ts"
import { decodeRecoveryPasskey, encodeRecoveryPasskey, unwrapRecoverySeed, wrapRecoverySeed } from "../trust/recovery/passkey.ts"
import { readRecoveryWords, recoveryWordsOf } from "../trust/recovery/words.ts"
import { readRecovery } from "../view/recovery.ts"
import type { WordsCheck } from "../view/recovery-view.ts"
import type { RecoveryCalls } from "./own-account-calls.ts"

export interface RecoveryParts {
  readonly transactions: Transactions
  readonly crypto: CryptoProvider
  readonly clock: Clock
  readonly sync: SyncNotes
  /** The account as its owner knows it. */
  known(): Promise<VerifiedAccountState | undefined>
}

/** At so many places the words are asked for. */
const askedPlaces = 3

export function recoveryCalls(parts: RecoveryParts): RecoveryCalls {
  const { transactions, crypto, clock, sync } = parts
  const reader = readerOf(transactions.database)
  const seedHere = async (): Promise<Uint8Array> => {
    const seed = await readRecoverySeed(reader, { crypto, account: await parts.known() })
    if (!seed) throw new ClientError("not_found", recoveryTexts.none)
    return seed
  }
  const words = async (): Promise<readonly string[]> => recoveryWordsOf(crypto, await seedHere())

  return {
    recovery: () => readRecovery(reader),
    recoveryWords: words,

    confirmRecovery: async (given) => {
      if (new Set(given.map(({ at }) => at)).size < askedPlaces) throw new ClientError("invalid_input", recoveryTexts.threePlaces)
      const right = await words()
      const isWrong = given.some(({ at, word }) => right[at] === undefined || right[at] !== word.trim().toLowerCase())
      if (isWrong) throw new ClientError("invalid_input", recoveryTexts.wrongWords)
      await transactions.run(async (tx) => {
        await sync.synced(tx, syncKeys.recoveryConfirmed, true)
        tx.recoveryChanged()
      })
    },

    checkRecoveryWords: async (typed) => {
      const read = readRecoveryWords(crypto, typed)
      if (read.status !== "right") return read
      const account = await parts.known()
      return account && isRecoverySeedOf(crypto, account, read.seed) ? { status: "right" } : { status: "other_account" }
    },

    addRecoveryPasskey: async ({ id, salt, secret }) => {
      const seed = await seedHere()
      const passkey = wrapped(() => wrapRecoverySeed(crypto, seed, { id: fromHex(id), salt: fromHex(salt), secret: fromHex(secret) }))
      await transactions.run(async (tx) => saveUnprovenPasskey(tx, encodeRecoveryPasskey(passkey), clock.nowMs()))
    },

    confirmRecoveryPasskey: async (secret) => {
      const encoded = await findUnprovenPasskey(reader)
      const passkey = encoded && decodeRecoveryPasskey(encoded)
      if (!encoded || !passkey) throw new ClientError("not_found", recoveryTexts.noPasskey)
      const account = await parts.known()
      // What is read back must be the key of the account: then, and only then, does the passkey count.
      const seed = unwrapRecoverySeed(crypto, passkey, fromHex(secret))
      if (!seed || !account || !isRecoverySeedOf(crypto, account, seed)) throw new ClientError("invalid_input", recoveryTexts.passkeyNot)
      await transactions.run(async (tx) => {
        await sync.synced(tx, syncKeys.recoveryPasskey, encoded)
        deleteUnprovenPasskey(tx)
        tx.recoveryChanged()
      })
    },

    removeRecoveryPasskey: async () => {
      await transactions.run(async (tx) => {
        await sync.synced(tx, syncKeys.recoveryPasskey, null)
        deleteUnprovenPasskey(tx)
        tx.recoveryChanged()
      })
    },
  }
}

/** @throws ClientError `invalid_input` for sizes that no passkey has */
function wrapped<T>(wrap: () => T): T {
  try {
    return wrap()
  } catch (error) {
    if (error instanceof RangeError) throw new ClientError("invalid_input", recoveryTexts.passkeyNot, { cause: error })
    throw error
  }
}

/** What is wrong with words, whoever they belong to. */
export function checkWords(crypto: Pick<CryptoProvider, "sha256">, words: readonly string[]): WordsCheck {
  const read = readRecoveryWords(crypto, words)
  return read.status === "right" ? { status: "right" } : read
}
