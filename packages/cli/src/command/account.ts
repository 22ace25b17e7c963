// What a person does with the account as a whole: ends it.

import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { handleArgument } from "./flags.ts"

const deleteAccount: Command<CliContext> = buildCommand<{ readonly yes: boolean }, [string], CliContext>({
  docs: {
    brief: "Delete this account for good",
    fullDescription:
      "The server erases name, e-mail address, IP addresses, devices and messages that wait. What stays: the handle stays taken, the public log keeps rows that name nobody, and others keep their " +
      "copies of what you wrote. This profile stays readable until you erase its folder. Exit code 0 when the key log shows the end; 2 without --yes or with another handle than this profile's, " +
      "4 when this device has no say in the account any more, 5 when the server did not answer: then it is sent again by any command that connects.",
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
      this.terminal.talk(`Your messages stay readable here until you erase ${this.profilePath}`)
    })
  },
})

export const account: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Delete this account" },
  routes: { delete: deleteAccount },
})
