// Linking: what each device checks of the other, of the server, and of what it left at the meeting place.

import type { Edit, Mutation } from "../mutation.ts"

const client = "packages/client/src"
const of = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]
const server = (text: string, replacement = ""): readonly Edit[] => [
  { file: "packages/server/src/accounts/rendezvous.ts", text, replacement },
]

const linking = ["sim/linking.test.ts"]
const faults = ["sim/linking-faults.test.ts"]
const messages = [`${client}/link/messages.test.ts`]
const code = [`${client}/link/code.test.ts`]
const requested = [`${client}/content/history-request.test.ts`]
const meeting = ["packages/server/src/accounts/rendezvous.test.ts"]

export const linkMutations: readonly Mutation[] = [
  {
    name: "link-commitment",
    without: "the new device says the keys that it committed to before it saw the offer",
    edits: of(
      "link/old-link",
      "if (!isCommitted(crypto, commitment, helloBytes))",
      "if (!isCommitted(crypto, commitment, helloBytes) && false)",
    ),
    fails: ["link-intercepted"],
  },
  {
    name: "link-number",
    without: "the person picks the number of this conversation",
    edits: of("link/old-link", "if (answer.number !== asked.number)", "if (answer.number < 0)"),
    fails: ["link-key-swapped"],
  },
  {
    name: "link-number-wrong",
    without: "a wrong number ends it",
    edits: of("link/old-link", "if (answer.number !== asked.number) return await", "if (answer.number !== asked.number) void"),
    tests: faults,
  },
  {
    name: "link-deny",
    without: "a refusal ends it",
    edits: of("link/old-link", 'if ("deny" in answer) return await', 'if ("deny" in answer) void'),
    tests: faults,
  },
  {
    name: "link-signed-version",
    without: "the new device signs the version that the old one made, and no other",
    edits: of("link/old-link", "verifyAccountState(crypto, { previous, next, origin: mine.state.origin, accountId: own.accountId })"),
    tests: faults,
  },
  {
    name: "link-code-check",
    without: "a mistyped code is no code",
    edits: of("link/code", "digits.includes(-1) || check !== checkOf(digits)", "digits.includes(-1)"),
    tests: code,
  },
  {
    name: "link-grant-key",
    without: "a grant belongs to one conversation",
    edits: of(
      "link/messages",
      "hpkeOpen(key, kemOutput, concat(grantLabel, transcript)",
      "hpkeOpen(key, kemOutput, concat(grantLabel, transcript.subarray(32))",
    ),
    tests: messages,
  },
  {
    name: "link-slot-once",
    without: "a slot is written once",
    edits: server('if (before && !equal(before.sealed, sealed)) throw new WireError("rendezvous_used")'),
    tests: meeting,
  },
  {
    name: "link-taken-once",
    without: "a slot is taken by one device",
    edits: server('if (there.taker && !equal(there.taker, taker)) throw new WireError("rendezvous_used")'),
    tests: meeting,
  },
  {
    name: "link-meetings-bounded",
    without: "the server holds so many meetings and bytes",
    edits: server("if (bytes + size > bytesMax || (!known && meetings.size >= meetingsMax))", "if (bytes + size > bytesMax)"),
    tests: meeting,
  },
  {
    name: "link-meetings-end",
    without: "a meeting ends",
    edits: server("if (nowMs >= meeting.sinceMs && nowMs < meeting.endMs) continue", "continue"),
    tests: meeting,
  },
  {
    name: "link-rate",
    without: "an address leaves and takes so many messages",
    edits: [
      {
        file: "packages/server/src/accounts/rendezvous.ts",
        text: 'rateLimit.take("rendezvous", callerOf(address))\n    const name = toHex(id)\n    const meeting',
        replacement: "const name = toHex(id)\n    const meeting",
      },
    ],
    tests: meeting,
  },
  {
    name: "link-sibling-adopted",
    without: "what another own device did to the account counts",
    edits: of("trust/account/own-account-check", "if (isMadeBySiblings(mine, unknown, own)) return await", "if (false) return await"),
    tests: linking,
  },
  {
    name: "link-own-key-used",
    without: "a version that was signed with this device's key and not made here is somebody else's",
    edits: of("trust/account/sibling-changes", "if (signers.some(({ deviceId }) => equal(deviceId, own.deviceId))) return false"),
    tests: ["sim/transparency/attacks.test.ts"],
  },
  {
    name: "own-device-looked-up",
    without: "a leaf of the own account that is not known is looked up before it is refused",
    edits: of("trust/device/leaf-judgement", "(listed || looks.final.has(toHex(accountId)))", "(listed || true)"),
    tests: linking,
  },
  {
    name: "leave-with-siblings",
    without: "a device follows when its person leaves a group on another one",
    edits: of("receiving/proposal", 'if (group?.status === "active" && group.policy.kind === "group") await leaveHere(parts, tx, group)'),
    tests: linking,
  },
  {
    name: "history-asked-own",
    without: "the history is handed over to own devices only, asked for in their group, of the one that is asked",
    edits: of("content/history-request", '!isOwn || group.policy.kind !== "self" || ', ""),
    tests: requested,
  },
  {
    name: "history-asked-here",
    without: "a device hands the history over when it is the one that is asked",
    edits: of("content/history-request", " || !equal(asked, ownDeviceId)"),
    tests: requested,
  },
  {
    name: "history-given-by-own",
    without: "only an own device says that the history was given",
    edits: of("content/history", 'if (!isOwn || group.policy.kind !== "self") return\n    const given', "const given"),
    tests: requested,
  },
  {
    name: "history-whole-stays",
    without: "an archive that is here whole is not replaced",
    edits: of("store/history-transfer", "  if (number === 0 && before?.last === true) return false\n"),
    tests: requested,
  },
  {
    name: "history-once-an-hour",
    without: "a device that asks again and again is given the history once an hour",
    edits: of("link/history-giving", "sinceMs >= 0 && sinceMs < againMs", "sinceMs < 0"),
    tests: linking,
  },
]
