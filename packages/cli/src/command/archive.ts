// Everything that the server knows about this account, as its desk would hand it over, checked before it is called good.

import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { writeNewFile } from "../new-file.ts"
import { jsonLine } from "../terminal.ts"
import { checkDisclosure } from "./disclosure-check.ts"
import { text } from "./flags.ts"

export const archive: Command<CliContext> = buildCommand<{ readonly out: string }, [], CliContext>({
  docs: {
    brief: "Save everything the server knows about this account, signed by the server",
    fullDescription:
      "An authority could get this archive at most. The file is saved first and then checked, as with nodoor export --verify: signature, schema, completeness, " +
      "and that it is about this account. An archive that fails the check is kept, because it is what the server sent. It is not encrypted.",
  },
  parameters: {
    flags: { out: { kind: "parsed", parse: text, brief: "A new file", placeholder: "file" } },
  },
  func({ out }) {
    return withProfile(this, async ({ device }) => {
      const { origin, handle } = await device.account()
      const { text: written } = await device.serverArchive()
      await writeNewFile(out, written)
      const checked = checkDisclosure(new TextEncoder().encode(written))
      if (checked.purpose !== "own record" || checked.origin !== origin || !isAbout(written, handle))
        throw new CliError("archive_refused", "The archive failed its check: it is not about this account.")
      await this.terminal.print(jsonLine({ ...checked }))
    })
  },
})

/** After the check, which has established the form. */
function isAbout(written: string, handle: string): boolean {
  const { accounts } = JSON.parse(written) as { readonly accounts: readonly { readonly asked?: unknown; readonly found?: unknown }[] }
  const [only] = accounts
  return accounts.length === 1 && only?.asked === `@${handle}` && only.found === true
}
