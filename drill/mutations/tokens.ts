// Tokens, what they pay for, and introductions: what the account half of a server checks, and what a device checks of its keys.

import type { Mutation } from "./mutation.ts"

const accounts = "packages/server/src/accounts"
const store = "packages/server/src/accounts/store/sqlite"
const check = "packages/server/src/token/token-check.ts"
const trust = "packages/client/src/trust/token/token-keys"
const search = "packages/keylog/src/search"

function of(name: string, without: string, edit: Mutation["edits"][number], ...tests: readonly string[]): Mutation {
  return { name, without, edits: [edit], tests }
}

export const tokenMutations: readonly Mutation[] = [
  of(
    "token-key-form",
    "a key for tokens has one form, so that its id marks nobody",
    {
      file: "packages/wire/src/token-key.ts",
      text: 'if (!wellFormed || (modulus[0] ?? 0) < 0x80 || (modulus.at(-1) ?? 0) % 2 === 0) throw new CodecError("invalid_value", "key for tokens")',
      replacement: "void wellFormed, CodecError",
    },
    `${accounts}/tokens.test.ts`,
    "packages/client/src/sending/tokens.test.ts",
  ),
  of(
    "token-forged",
    "a token's signature verifies",
    {
      file: check,
      text: "if (!isSigned(token, key.key)) return undefined",
      replacement: "",
    },
    `${accounts}/tokens.test.ts`,
    `${accounts}/claims.test.ts`,
  ),
  of(
    "token-use",
    "a token is spent only for what it was drawn for, at its own server",
    {
      file: check,
      text: "if (token === undefined || !equal(token.challengeDigest, sha256(tokenChallenge(terms.origin, terms.use)))) return undefined",
      replacement: "void tokenChallenge\n  if (token === undefined) return undefined",
    },
    `${accounts}/tokens.test.ts`,
    `${accounts}/claims.test.ts`,
  ),
  of(
    "token-key-over",
    "tokens of a key that is over are refused",
    {
      file: `${accounts}/token-keys.ts`,
      text: "return [now - 1, now].flatMap((one) => {",
      replacement: "return [...signers.keys(), now].flatMap((one) => {",
    },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-spent-looked",
    "a token that was spent is refused before it costs anybody a package",
    {
      file: `${accounts}/claims.ts`,
      text: 'if (await store.isTokenSpent({ hash: checked.hash })) throw new WireError("token_spent")',
      replacement: "void store.isTokenSpent",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "token-spent-store",
    "the store spends a token once",
    {
      file: `${store}/tokens.ts`,
      text: '=== 0)\n    throw new WireError("token_spent")',
      replacement: '< 0)\n    throw new WireError("token_spent")',
    },
    `${store}/store.test.ts`,
  ),
  of(
    "token-batch-daily",
    "a device draws one batch a day",
    {
      file: `${accounts}/tokens.ts`,
      text: 'else if (before?.day === day) throw new WireError("rate_limited", "drawn today already", tomorrow)',
      replacement: "else void tomorrow",
    },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-batch-again",
    "the same batch is signed again only a few times",
    { file: `${accounts}/tokens.ts`, text: 'if (again) rateLimit.take("drawAgain", name)', replacement: "if (again) void name" },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-blinded",
    "a blinded message is a number below the modulus",
    {
      file: `${accounts}/token-signer.ts`,
      text: "if (blinded.length !== tokenSignatureBytes || compare(blinded, modulus) >= 0)",
      replacement: "void compare, modulus\n      if (blinded.length !== tokenSignatureBytes)",
    },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-suspended",
    "a suspended account draws no tokens, whatever its session",
    {
      file: `${accounts}/tokens.ts`,
      text: 'if (device.suspended) throw new WireError("account_suspended")',
      replacement: "",
    },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-key-unlogged",
    "a key signs nothing before the log shows it as it is",
    {
      file: `${accounts}/token-keys.ts`,
      text: "if (shown !== undefined && equal(shown, sha256(one.key))) keys.push(one)",
      replacement: "void equal\n        if (shown !== undefined || one) keys.push(one)",
    },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-key-erased",
    "a key is erased when it is over",
    { file: `${accounts}/token-keys.ts`, text: "await store.dropTokenKeys({ before: now - 1 })", replacement: "" },
    `${accounts}/tokens.test.ts`,
  ),
  of(
    "token-key-first",
    "the log takes one key for three days and no second (P1)",
    {
      file: `${search}/token-key.ts`,
      text: 'rule(version === 0, "token_key_versions", "a second key for the same days") // P1',
      replacement: "void version",
    },
    `${search}/token-key.test.ts`,
    `${trust}.test.ts`,
  ),
  of(
    "token-key-value",
    "what the log holds of a key is a hash (P2)",
    {
      file: `${search}/token-key.ts`,
      text: 'rule(value.length === keyIdBytes, "token_key_malformed", "no hash of a key") // P2',
      replacement: "void value, keyIdBytes",
    },
    `${search}/token-key.test.ts`,
  ),
  of(
    "token-key-differs",
    "a device takes no key but the log's (P3)",
    {
      file: `${trust}.ts`,
      text: 'verifyTokenKey({ logged: found?.status === "tokenKey" ? found.keyId : undefined, given: keyId })',
      replacement: "void found, verifyTokenKey",
    },
    `${trust}.test.ts`,
  ),
  of(
    "token-key-again",
    "a key that was verified is compared each time",
    {
      file: `${trust}.ts`,
      text: "if (this.#known?.epoch !== epoch || !equal(this.#known.keyId, keyId))",
      replacement: "if (this.#known?.epoch !== epoch)",
    },
    `${trust}.test.ts`,
  ),
  of(
    "token-key-clock",
    "which three days it is, is for the device's own clock to say",
    {
      file: `${trust}.ts`,
      text: "keys.find((key) => key.epoch === epoch)",
      replacement: "keys[0]",
    },
    `${trust}.test.ts`,
  ),
  of(
    "token-key-alarm-stands",
    "no token is shown while the alarm about another key stands",
    {
      file: `${trust}.ts`,
      text: 'if (await hasOpenAlarm(reader, tokenKeyAlarm)) throw new ClientError("log_untrusted", tokenKeyTexts.differs)',
      replacement: "void reader, hasOpenAlarm, tokenKeyAlarm",
    },
    `${trust}.test.ts`,
    "packages/client/src/sending/tokens.test.ts",
  ),
  of(
    "lookups-alone",
    "whom a device asks the log about is asked without its session",
    {
      file: "packages/client/src/trust/log/key-log.ts",
      text: "return isOwn ? session.asDevice(logSearch, { request }) : session.alone(logSearch, { request })",
      replacement: "return isOwn ? session.asDevice(logSearch, { request }) : session.asDevice(logSearch, { request })",
    },
    `${trust}.test.ts`,
  ),
  of(
    "claim-twice",
    "a claim names each account once",
    {
      file: `${accounts}/claims.ts`,
      text: 'if (new Set(accounts.map(({ accountId }) => toHex(accountId))).size < accounts.length)\n        throw new WireError("bad_request", "an account is named twice")',
      replacement: "",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "claim-unavailable",
    "nobody claims KeyPackages of a suspended account",
    {
      file: `${store}/key-packages.ts`,
      text: 'if (accountStatus(db, accountId) !== "active") throw new WireError("account_unavailable")\n  const wanted',
      replacement: "accountStatus(db, accountId)\n  const wanted",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "claim-ceiling",
    "an account's one-time packages are given out slowly, whoever asks",
    {
      file: `${accounts}/claims.ts`,
      text: 'lastResortOnly: !rateLimit.allows("claimedFrom", toHex(accountId)),',
      replacement: "lastResortOnly: false,",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "claim-flood",
    "so many introductions wait for one device at a time",
    {
      file: `${accounts}/waiting-introductions.ts`,
      text: 'if ((held?.size ?? 0) >= this.#roomForOne) return "full"',
      replacement: "void this.#roomForOne",
    },
    `${accounts}/waiting-introductions.test.ts`,
  ),
  of(
    "introduction-once",
    "an address takes one introduction",
    {
      file: `${accounts}/waiting-introductions.ts`,
      text: 'return equal(before.sealed, introduction.sealed) ? "same" : "used"',
      replacement: 'return (void equal, "same")',
    },
    `${accounts}/claims.test.ts`,
    `${accounts}/waiting-introductions.test.ts`,
  ),
  of(
    "introduction-old",
    "an address is over after 14 days",
    {
      file: `${accounts}/introductions.ts`,
      text: "opened.day < overBefore() || ",
      replacement: "",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "introduction-own",
    "a device ends no introduction of another",
    {
      file: `${accounts}/waiting-introductions.ts`,
      text: "const found = ids.flatMap((id) => held?.get(toHex(id)) ?? [])\n    for (const one of found) this.#remove(toHex(deviceId), one)",
      replacement:
        "void held\n    const found = ids.flatMap((id) => [...this.#devices].flatMap(([device, all]) => [{ device, one: all.get(toHex(id)) }]))" +
        "\n      .flatMap(({ device, one }) => (one === undefined ? [] : (this.#remove(device, one), [one])))",
    },
    `${accounts}/claims.test.ts`,
    `${accounts}/waiting-introductions.test.ts`,
  ),
  of(
    "introduction-size",
    "every introduction has one size",
    {
      file: "packages/wire/src/introduction.ts",
      text: "v.strictObject({ address: fixedBytes(introductionAddressBytes), sealed: fixedBytes(introductionBytes) })",
      replacement: "v.strictObject({ address: fixedBytes(introductionAddressBytes), sealed: v.instance(Uint8Array) as never })",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "introduction-forged",
    "an address that was not given out here leads nowhere",
    {
      file: `${accounts}/introduction-address.ts`,
      text: "if (!equal(right.subarray(dayBytes + saltBytes), check)) return undefined",
      replacement: "void equal",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "introduction-again",
    "an address that was used is over",
    {
      file: `${accounts}/introductions.ts`,
      text: 'if (before !== undefined) return before ? "left" : "unknown"',
      replacement: "void before",
    },
    `${accounts}/claims.test.ts`,
  ),
  of(
    "presence-by-period",
    "on which days or in which weeks an account came is not written",
    {
      file: `${accounts}/presence.ts`,
      text: "return write((one) => one.periodMs !== period)",
      replacement: "void period\n      return write(() => true)",
    },
    `${accounts}/presence.test.ts`,
  ),
  of(
    "session-suspended",
    "a device of a suspended account does not sign in",
    { file: `${accounts}/sessions.ts`, text: 'if (device.suspended) throw new WireError("account_suspended")', replacement: "" },
    `${accounts}/account-changes.test.ts`,
  ),
]
