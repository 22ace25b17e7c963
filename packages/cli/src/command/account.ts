// What a person does with the account as a whole: ends it.

import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { handleArgument } from "./flags.ts"

const deleteAccount: Command<CliContext> = buildCommand<{ readonly yes: boolean }, [string], CliContext>({
  docs: {
    brief: "Delete this account for good",
    fullDescription:
      "The server erases your name, e-mail address, IP addresses, devices and undelivered messages. The handle stays taken, the public log keeps rows that name nobody, and others keep their " +
      "copies of what you wrote. You can read this profile until you delete its folder. Exit code 0: the key log shows that the account has ended. 2: --yes is missing, or the handle is not this profile's. " +
      "4: this device was removed from the account. 5: the server didn't answer; the next command that connects sends it again.",
  },
  parameters: {
    flags: { yes: { kind: "boolean", brief: "This cannot be undone", default: false, withNegated: false } },
    positional: { kind: "tuple", parameters: [handleArgument] },
  },
  func({ yes }, named) {
    return withProfile(this, async ({ device }) => {
      const { handle } = await device.account()
      if (named.replace(/^@/, "") !== handle) throw new CliError("usage", `This profile is @${handle}. Nothing was deleted.`)
      if (!yes)
        throw new CliError("usage", "Deleting an account cannot be undone. Nothing was deleted.", {
          next: `nodoor account delete --yes @${handle}`,
        })
      await device.deleteAccount()
      await this.terminal.print(`@${handle} is deleted`)
      this.terminal.talk(`You can read your messages here until you delete ${this.profilePath}`)
    })
  },
})

export const account: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Delete this account" },
  routes: { delete: deleteAccount },
})
