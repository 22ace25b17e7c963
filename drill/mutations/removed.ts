// A device or account that is no longer listed is nobody.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const keylog = "packages/keylog/src"
const server = "packages/server/src"

export const removedMutations: readonly Mutation[] = [
  {
    name: "claim-share",
    without: "one account gets only its share of a device's one-time KeyPackages",
    edits: [
      {
        file: `${server}/delivery/key-packages.ts`,
        text: 'lastResortOnly: !own && !rateLimit.allows("claimFrom", `${caller} ${toHex(accountId)}`),',
        replacement: "lastResortOnly: own && !own,",
      },
    ],
    tests: [`${server}/delivery/groups.test.ts`],
  },
  {
    name: "claim-count",
    without: "claims are counted by the package",
    edits: [
      {
        file: `${server}/delivery/key-packages.ts`,
        text: 'if (found.length > 1) rateLimit.charge("claim", caller, found.length - 1)',
        replacement: "",
      },
    ],
    tests: [`${server}/delivery/groups.test.ts`],
  },
  {
    name: "revoked-leaves",
    without: "leaves are checked again with newer heads",
    edits: [
      {
        file: `${client}/transparency/leaf-check.ts`,
        text: "    await this.removeRevoked()\n    await this.#letBackIn()",
        replacement: "    await this.#letBackIn()",
      },
    ],
    // The ghost of a reset is let in only in the place of a leaf that was removed; so it stays out as well.
    fails: ["revoked-leaf", "ghost-hard-reset-waiting", "swap-and-back"],
  },
  {
    name: "reset-hold",
    without: "devices of a hard reset are held for a day",
    edits: [
      {
        file: `${client}/trust.ts`,
        text: "return untilMs === undefined || untilMs <= this.#parts.clock.nowMs() ? undefined : untilMs",
        replacement: "return undefined",
      },
    ],
    // In the split view that nobody finds, Alice's device tries to let the ghost in at once, and she is told that it could not.
    fails: ["ghost-hard-reset", "ghost-reset-twice", "split-view-unfound"],
  },
  {
    name: "own-account-replaced",
    without: "a device is told when its account was started over without it",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: "await this.#alarm(turn, mine, unknown)",
        replacement: "if (findDevice((unknown.at(-1) ?? mine).state, this.#parts.own.deviceId)) await this.#alarm(turn, mine, unknown)",
      },
    ],
    fails: ["ghost-hard-reset", "ghost-hard-reset-waiting"],
  },
  {
    name: "own-end",
    without: "an end of the own account that no known device made is told",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: "await this.#alarmEnd(turn, [])",
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
        file: `${keylog}/search-verify.ts`,
        text: 'rule(state.kind === "tombstone", "erased_living", "the states of an account that lives on")',
        replacement: "",
      },
    ],
    fails: ["living-erased"],
  },
]
