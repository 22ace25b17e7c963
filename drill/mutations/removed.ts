// A device or account that is no longer listed is nobody.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const keylog = "packages/keylog/src"

export const removedMutations: readonly Mutation[] = [
  {
    name: "day-accuses-nobody",
    without: "what a server says of the day only is not held against a removed device",
    edits: [
      {
        file: `${client}/core/group-record.ts`,
        text: "return (hour % dayHours === dayHours - 1 ? hour - (dayHours - 1) : hour) * hourMs",
        replacement: "return (void dayHours, hour) * hourMs",
      },
    ],
    tests: [`${client}/core/written-time.test.ts`],
  },
  {
    name: "welcome-listed-now",
    without: "a leaf of a Welcome is listed now",
    edits: [
      {
        file: `${client}/trust/device/leaf-judgement.ts`,
        text: 'return place === "welcomed" ? { status: "stale", leaves: [member] } : { status: "trusted" }',
        replacement: 'return { status: "trusted" }',
      },
    ],
    fails: ["removed-opens-dm"],
  },
  {
    name: "welcome-signer-anew",
    without: "the signer of a Welcome is looked at anew",
    edits: [
      {
        file: `${client}/trust/device/leaf-judgement.ts`,
        text: 'if (!looks.asked.has(toHex(signer.accountId))) return { status: "lookup", accounts: [signer.accountId] }',
        replacement: "",
      },
    ],
    tests: [`${client}/trust/trust.test.ts`],
  },
  {
    name: "welcome-stale-signer",
    without: "a removed device is refused as the signer of a Welcome, also when a commit takes it out",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'if (stale.some((leaf) => leaf.leafIndex === signer.leafIndex)) await this.#refuse(tx, "removed_device", { pending, signer })\n    else if',
        replacement: "if",
      },
    ],
    fails: ["removed-opens-dm"],
  },
  {
    name: "welcome-stale-leaf",
    without: "a Welcome waits while a removed device is in the group",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: "else if (await removedAhead(tx, env, {",
        replacement: "else if (env || await removedAhead(tx, env, {",
      },
    ],
    tests: ["sim/hostile-member/stale-invitation.test.ts"],
  },
  {
    name: "welcome-removed-ahead",
    without: "a commit that waits behind a Welcome makes it good",
    edits: [{ file: `${client}/group/join/removal-ahead.ts`, text: "return true", replacement: "return false" }],
    tests: ["sim/hostile-member/stale-invitation.test.ts"],
  },
  {
    name: "adder-looks",
    without: "whoever lets somebody in takes out what is not listed",
    edits: [{ file: `${client}/sending/invitation.ts`, text: "    await this.#lookUp(group, known ? [] : accounts)\n", replacement: "" }],
    tests: ["sim/hostile-member/stale-invitation.test.ts"],
  },
  {
    name: "commit-authority",
    without: "who uses authority over others must be listed, or have been when it was placed",
    edits: [
      {
        file: `${client}/group/commit/commit-judgement.ts`,
        text: 'return { status: "refused", code: `removed_device${standing === "unclear" ? "_unclear" : ""}` }',
        replacement: "void 0",
      },
    ],
    fails: ["removed-adds"],
  },
  {
    name: "proposal-authority",
    without: "what a removed device proposes about others is forgotten",
    edits: [
      {
        file: `${client}/receiving/proposal.ts`,
        text: "if (await isOfRemovedProposer(",
        replacement: "if (record.timeMs < 0 && await isOfRemovedProposer(",
      },
    ],
    tests: ["sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "proposal-leave",
    without: "a device's own leave needs nobody's look",
    edits: [
      {
        file: `${client}/group/removed-device/removed-proposer.ts`,
        text: 'if (proposal.type !== "remove" || proposal.leafIndex === sender.leafIndex) return false\n  const proposer',
        replacement: 'if (proposal.type !== "remove") return false\n  const proposer',
      },
    ],
    tests: [`${client}/group/policy/proposal-judgement.test.ts`],
  },
  {
    name: "proposal-late",
    without: "what was proposed before a removal counts when it comes afterwards",
    edits: [
      {
        file: `${client}/group/removed-device/removed-proposer.ts`,
        text: "!(standing.sinceMs !== undefined && isPlacedBefore(at.timeMs, standing.sinceMs))",
        replacement: "at !== undefined",
      },
    ],
    tests: [`${client}/group/policy/proposal-judgement.test.ts`, "sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "commit-late",
    without: "what was done before a removal counts when it comes afterwards",
    edits: [
      {
        file: `${client}/group/removed-device/removed-committer.ts`,
        text: 'if (isPlacedBefore(at.timeMs, standing.sinceMs)) return "allowed"\n',
        replacement: "",
      },
    ],
    tests: [`${client}/group/removed-device/removal-hour.test.ts`],
  },
  {
    name: "removal-time",
    without: "a removal has the time of the version that removed, and of no later one",
    edits: [
      {
        file: `${client}/trust/device/removed-devices.ts`,
        text: "await removalTimeMs(keyLog, member.accountId, version)",
        replacement:
          "await removalTimeMs(keyLog, member.accountId, (await this.#parts.accounts.latest(member.accountId))?.state.version ?? version)",
      },
    ],
    tests: ["sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "removal-place",
    without: "the time of a version can be asked for by who never saw it as the newest",
    edits: [
      {
        file: `${client}/trust/log/key-log.ts`,
        text: "this.#indices.get(label, version) ?? verifyVrf({ publicKey: vrfKey, alpha, proof: vrfProof }).slice(0, 32)",
        replacement: "this.#indices.get(label, version) ?? verifyVrf({ publicKey: vrfKey, alpha, proof: vrfProof.slice(1) }).slice(0, 32)",
      },
    ],
    tests: ["sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "authority-adds",
    without: "letting others in is authority",
    edits: [
      {
        file: `${client}/group/removed-device/removed-committer.ts`,
        text: "if (added.some((leaf) => !equal(leaf.accountId, committer.accountId) && !isAsked(leaf))) return true",
        replacement: "void added",
      },
    ],
    fails: ["removed-adds"],
  },
  {
    name: "authority-removes",
    without: "taking others out is authority",
    edits: [
      {
        file: `${client}/group/removed-device/removed-committer.ts`,
        text: "if (removed.some((leaf) => !bySelf.has(leaf.leafIndex) && !mayGo(leaf))) return true",
        replacement: "void [bySelf, mayGo]",
      },
    ],
    tests: ["sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "authority-roles",
    without: "changing roles is authority",
    edits: [
      {
        file: `${client}/group/removed-device/removed-committer.ts`,
        text: "return !equal(encodePolicy(",
        replacement: "return false && !equal(encodePolicy(",
      },
    ],
    tests: ["sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "kept-leaves",
    without: "a leaf that was listed once stays where it is until it is taken out",
    edits: [
      {
        file: `${client}/trust/device/leaf-judgement.ts`,
        text: "if (!listed && (await versionWithout(crypto, reader, member)) !== undefined)",
        replacement: 'if (!listed && place !== "kept" && (await versionWithout(crypto, reader, member)) !== undefined)',
      },
    ],
    tests: [`${client}/trust/trust.test.ts`, "sim/hostile-member/removed-device.test.ts"],
  },
  {
    name: "removed-sender",
    without: "what a removed device writes is nobody's",
    edits: [
      {
        file: `${client}/content/content-intake.ts`,
        text: "if (await isOfRemoved(this.#parts, tx, input)) return",
        replacement: "void isOfRemoved",
      },
    ],
    fails: ["removed-writes"],
  },
  {
    name: "late-sender",
    without: "what a device wrote before its removal is shown when it comes afterwards",
    edits: [
      {
        file: `${client}/trust/device/removed-sender.ts`,
        text: 'if (standing.status === "listed" || (standing.sinceMs !== undefined && isPlacedBefore(record.timeMs, standing.sinceMs))) return false',
        replacement: 'if (standing.status === "listed" || record === undefined) return false',
      },
    ],
    tests: [`${client}/group/removed-device/removal-hour.test.ts`],
  },
  {
    name: "dm-settled",
    without: "a chat of two stays where both have written",
    edits: [{ file: `${client}/group/join/dm-choice.ts`, text: "chat.settled || ", replacement: "" }],
    fails: ["second-dm"],
  },
  {
    name: "dm-opener",
    without: "of two openers the lower account id counts",
    edits: [
      {
        file: `${client}/group/join/dm-choice.ts`,
        text: "|| compare(arriving.opener, opener) >= 0",
        replacement: "|| compare(arriving.opener, opener) === 0",
      },
    ],
    tests: ["sim/hostile-member/second-dm.test.ts"],
  },
  {
    name: "dm-halted",
    without: "a chat that stands still goes on when its person says so",
    edits: [
      {
        file: `${client}/group/join/dm-choice.ts`,
        text: 'return { ...moved, state: "request" }\n  if',
        replacement: 'return { ...moved, state: "active" }\n  if',
      },
    ],
    tests: ["sim/hostile-member/second-dm.test.ts"],
  },
  {
    name: "left-stays-out",
    without: "who is added again after leaving is asked first",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'state: equal(signer.accountId, this.#parts.own.accountId) ? "active" : "request"',
        replacement: 'state: equal(signer.accountId, this.#parts.own.accountId) ? "request" : "active"',
      },
    ],
    fails: ["left-added-again"],
  },
  {
    name: "held-in-group",
    without: "a held device stalls nobody's group",
    edits: [
      {
        file: `${client}/trust/device/leaf-judgement.ts`,
        text: 'if (verdict.status === "held" && (kind !== "group" || !(await goesFromGroups(facts, member)))) held = verdict',
        replacement: 'if (verdict.status === "held") held = verdict',
      },
    ],
    fails: ["held-sock-puppet"],
  },
  {
    name: "held-goes",
    without: "a held device is taken out of a group before anything is sent",
    edits: [
      {
        file: `${client}/group/membership/must-go.ts`,
        text: 'if (kind !== "group" || (await trust.heldUntilMs(leaf.accountId)) === undefined) return false',
        replacement: "if (kind !== undefined) return false",
      },
    ],
    fails: ["held-sock-puppet"],
  },
  {
    name: "held-may-go",
    without: "everybody may take a held device out of a group",
    edits: [
      {
        file: `${client}/group/commit/commit-judgement.ts`,
        text: 'return kind === "group" && (await trust.mayGoAsHeld(leaf, timeMs))',
        replacement: "return trust === undefined",
      },
    ],
    fails: ["held-sock-puppet"],
  },
  {
    name: "asked-once",
    without: "who is missing is asked for again by a sample only",
    edits: [
      {
        file: `${client}/trust/device/lookup-batch.ts`,
        text: "waited.slice(0, sample)",
        replacement: "waited.slice(0, waited.length + 0 * sample)",
      },
    ],
    fails: ["crowd-of-nobody"],
  },
  {
    name: "stranger-crowd",
    without: "a stranger's invitation names at most 256 accounts",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: "accounts.size > strangersAccountsMax && ",
        replacement: "accounts.size > 4 * strangersAccountsMax && ",
      },
    ],
    tests: [`${client}/group/join/joining.test.ts`],
  },
  {
    name: "revoked-leaves",
    without: "leaves are checked again with newer heads",
    edits: [
      {
        file: `${client}/trust/device/leaf-check.ts`,
        text: "    await this.removeRevoked()\n    await this.#letBackIn()",
        replacement: "    await this.#letBackIn()",
      },
    ],
    fails: ["revoked-leaf"],
  },
  {
    name: "reset-hold",
    without: "devices of a hard reset are held for a day",
    edits: [
      {
        file: `${client}/trust/contact/account-holds.ts`,
        text: "const untilMs = checkedMs === undefined || checkedMs <= clock.nowMs() ? undefined : checkedMs",
        replacement: "const untilMs = checkedMs === undefined ? undefined : undefined",
      },
    ],
    // In the split view that nobody finds, Alice's device tries to let the ghost in at once, and she is told that it could not.
    fails: ["ghost-hard-reset", "ghost-reset-twice", "held-sock-puppet", "split-view-unfound"],
  },
  {
    name: "own-account-replaced",
    without: "a device is told when its account was started over without it",
    edits: [
      {
        file: `${client}/trust/account/own-account-check.ts`,
        text: "await this.#alarm(tx, mine, unknown)",
        replacement: "if (findDevice((unknown.at(-1) ?? mine).state, this.#parts.own.deviceId)) await this.#alarm(tx, mine, unknown)",
      },
    ],
    fails: ["ghost-hard-reset", "ghost-hard-reset-waiting"],
  },
  {
    name: "own-end",
    without: "an end of the own account that no known device made is told",
    edits: [
      {
        file: `${client}/trust/account/own-account-check.ts`,
        text: "await this.#alarmEnd(tx, [])",
        replacement: "",
      },
    ],
    fails: ["ended-behind-owner"],
  },
  {
    name: "erased-living",
    without: "what is erased is an ended account (S5)",
    edits: [
      {
        file: `${keylog}/search/search-verify.ts`,
        text: 'rule(state.kind === "tombstone", "erased_living", "the states of an account that lives on")',
        replacement: "",
      },
    ],
    fails: ["living-erased"],
  },
]
