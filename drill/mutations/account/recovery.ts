// Bringing an account back by its words: what a server takes from a stranger, and what a device believes.

import type { Mutation } from "../mutation.ts"

const client = "packages/client/src/trust/recovery/recover-account.ts"
const words = "packages/client/src/trust/recovery/words.ts"
const server = "packages/server/src/accounts/accounts.ts"
const device = "packages/client/src/api/recovery.ts"

function of(name: string, without: string, file: string, text: string, replacement = ""): Mutation {
  const tests = [file === words ? "packages/client/src/trust/recovery/words.test.ts" : "sim/recovery.test.ts"]
  return { name, without, edits: [{ file, text, replacement }], tests }
}

export const recoveryMutations: readonly Mutation[] = [
  {
    ...of(
      "recover-by-key",
      "a stranger starts an account over with the recovery key's signature only",
      server,
      ', { only: "recovery reset" }',
    ),
    fails: ["recovery-without-key"],
  },
  of(
    "recover-own-words",
    "the words are those of the account",
    client,
    "if (!isRecoverySeedOf(crypto, latest, target.seed))",
    "if (target.seed.length === 0)",
  ),
  of(
    "recover-ended",
    "an account that has ended stays so",
    client,
    `if (latest.kind === "tombstone") throw new ClientError("recovery_impossible", recoveryTexts.ended)`,
  ),
  of("recover-shown", "the log must show the very reset that was sent", client, " || !equal(shown.account.signed, reset)"),
  of("recover-again", "the reset is made anew when the account changed", client, "await prepareAgain(ports, own)\n", "\n"),
  of("words-checksum", "the words have a checksum", words, "checksum === bytes[recoverySeedBytes]", "checksum !== undefined"),
  of("words-count", "there are 24 words", words, "if (words.length !== recoveryWordCount)", "if (words.length === 0)"),
  of(
    "confirm-places",
    "the words are asked for at three places",
    device,
    `if (new Set(given.map(({ at }) => at)).size < askedPlaces) throw new ClientError("invalid_input", recoveryTexts.threePlaces)`,
  ),
  of(
    "confirm-right",
    "the words are the right ones",
    device,
    `if (isWrong) throw new ClientError("invalid_input", recoveryTexts.wrongWords)`,
  ),
  of(
    "passkey-read-back",
    "a passkey counts when it has opened the key of the account",
    device,
    `if (!seed || !account || !isRecoverySeedOf(crypto, account, seed)) throw new ClientError("invalid_input", recoveryTexts.passkeyNot)`,
  ),
  of(
    "recovered-let-in",
    "an account that was brought back stays in its groups when its old device is taken out",
    "packages/client/src/trust/device/leaf-check.ts",
    "        if (back.includes(leaf)) await enqueueAdd(tx, groupId, accountId)\n",
  ),
  of(
    "restored-alone",
    "a place in a group is taken over only where the account has no other device",
    "packages/client/src/archive/restored-groups.ts",
    "if (account?.state.devices.length !== 1) return",
  ),
]
