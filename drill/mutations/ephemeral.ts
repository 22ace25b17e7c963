// Who is typing: what is posted to those who are connected only.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const tests = ["sim/hostile-member/ephemeral.test.ts", `${client}/content/ephemeral.test.ts`]

function ephemeral(name: string, without: string, text: string, replacement = ""): Mutation {
  return { name, without, edits: [{ file: `${client}/content/ephemeral.ts`, text, replacement }], tests }
}

export const ephemeralMutations: readonly Mutation[] = [
  ephemeral("ephemeral-epoch", "a signal of another epoch is none", "if (epoch !== Number(state.epoch)) return undefined"),
  ephemeral(
    "ephemeral-signature",
    "a signal is signed by the device that it names",
    "!member || !env.crypto.verifyEd25519({ publicKey: member.signatureKey, message, signature })",
    "!member",
  ),
  ephemeral("ephemeral-nonce", "a nonce has the size of one", " || nonce.length !== suite.nonceBytes"),
  {
    name: "ephemeral-type",
    without: "a signal of another type is not typing",
    edits: [
      {
        file: `${client}/chat/typing.ts`,
        text: "if (opened?.contentType !== mimeTypes.typing) return undefined",
        replacement: "if (!opened) return undefined",
      },
    ],
    tests,
  },
  {
    name: "ephemeral-own",
    without: "somebody is not shown as typing to themselves",
    edits: [
      {
        file: `${client}/chat/typing.ts`,
        text: "if (equal(accountId, own.accountId)) return undefined",
        replacement: "",
      },
    ],
    tests,
  },
  {
    name: "ephemeral-request",
    without: "nobody is shown as typing in a chat that was not accepted",
    edits: [{ file: `${client}/chat/typing.ts`, text: 'if (chat?.state !== "active") return undefined', replacement: "" }],
    tests,
  },
]
