// Roles, rules and Welcomes: what a member may do in a group, and what may begin one.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

export const groupsMutations: readonly Mutation[] = [
  {
    name: "policy-admins",
    without: "roles and rules are changed by admins only (P11)",
    edits: [
      {
        file: `${client}/group/policy/policy-check.ts`,
        text: 'if (!admin && !samePolicy(undescribed, forced)) return "P11"',
        replacement: "",
      },
    ],
    fails: ["insider-policy"],
  },
  {
    name: "policy-reinit",
    without: "no re-initialisation (P3)",
    edits: [
      { file: `${client}/group/policy/policy-check.ts`, text: 'if (type === "psk" || type === "reinit") return "P3"', replacement: "" },
    ],
    fails: ["insider-reinit"],
  },
  {
    name: "welcome-live-group",
    without: "a Welcome replaces no group that the device lives in",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'if (present && present.status !== "left" && (!isReadmitted || present.status === "succeeded"))\n      return await this.#refuse(tx, "live_group", { ...refused, chatId: present.chatId })',
        replacement: "",
      },
    ],
    tests: ["packages/client/src/group/join/joining.test.ts"],
  },
  {
    name: "welcome-epoch",
    without: "a Welcome leads forward",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'if (known && mayBeAgain && opened.staged.epoch <= BigInt(known.epoch)) return await this.#refuse(tx, "old_epoch", { pending })',
        replacement: "",
      },
    ],
    tests: ["packages/client/src/group/join/joining.test.ts"],
  },
]
