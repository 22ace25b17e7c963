// The keys under which tokens are signed, as the key log holds them for everybody. With a key of its own a server would know a device's tokens
// again, so nothing is drawn with any other, and no token is shown while one was handed out.

import { equal } from "@nodoor/bytes"
import { tokenKeyLabel, verifyTokenKey } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { type TokenKey, tokenKeyEpoch, tokenKeys } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import type { Transactions } from "../../core/transaction.ts"
import { type Reader, readerOf } from "../../store/reader.ts"
import { hasOpenAlarm } from "../../store/trust/alarms.ts"
import { tokenKeyTexts } from "../../texts/en.ts"
import { tokenKeyAlarm } from "../alarm/failed-check.ts"
import type { KeyLog } from "../log/key-log.ts"
import { asked } from "../log/log-answer.ts"

export interface TokenKeyParts {
  readonly transactions: Transactions
  readonly session: Pick<Session, "call">
  readonly keyLog: Pick<KeyLog, "search">
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly clock: Clock
}

/** @throws ClientError `log_untrusted` while the alarm about another key stands: nothing is drawn then, and no token is shown */
export async function refuseDifferentTokenKey(reader: Reader): Promise<void> {
  if (await hasOpenAlarm(reader, tokenKeyAlarm)) throw new ClientError("log_untrusted", tokenKeyTexts.differs)
}

export class TokenKeys {
  readonly #parts: TokenKeyParts
  /** The one that was verified last. An epoch has one key for ever. */
  #known: { readonly epoch: number; readonly keyId: Uint8Array } | undefined

  constructor(parts: TokenKeyParts) {
    this.#parts = parts
  }

  /**
   * The key that signs now, proven to be the one that everybody is given. Which epoch is now is for this device's clock to say: a server that
   * could choose would give each device an epoch of its own.
   * @throws ClientError `log_unavailable` when that could not be checked, `log_untrusted` when it was and is wrong; as `KeyLog.search`
   */
  async verifiedTokenKeys(): Promise<readonly TokenKey[]> {
    const { transactions, session, crypto, clock } = this.#parts
    await refuseDifferentTokenKey(readerOf(transactions.database))
    const epoch = tokenKeyEpoch(clock.nowMs())
    const given = (await asked(() => session.call(tokenKeys, {}))).keys.find((key) => key.epoch === epoch)
    if (!given) throw new ClientError("log_unavailable", tokenKeyTexts.notGiven)
    const keyId = crypto.sha256(given.key)
    if (this.#known?.epoch !== epoch || !equal(this.#known.keyId, keyId)) await this.#verify(epoch, { ...given, keyId })
    return [given]
  }

  async #verify(epoch: number, { key, keyId }: { readonly key: Uint8Array; readonly keyId: Uint8Array }): Promise<void> {
    const label = tokenKeyLabel(epoch)
    await this.#parts.keyLog.search({
      labels: [label],
      subject: "everybody",
      given: key,
      take: async (tx, { lookups }) => {
        const found = lookups.find((one) => equal(one.label, label))
        verifyTokenKey({ logged: found?.status === "tokenKey" ? found.keyId : undefined, given: keyId })
        tx.after(() => (this.#known = { epoch, keyId }))
      },
    })
  }
}
