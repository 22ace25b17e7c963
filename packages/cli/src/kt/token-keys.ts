// nodoor kt token-keys: whether a server gives this address the keys for tokens that its log holds for everybody.

import { tokenKeyLabel, verifyTokenKey } from "@nodoor/keylog"
import { tokenKeyDays, tokenKeys as tokenKeysRoute } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { json } from "../command/flags.ts"
import type { CliContext } from "../context.ts"
import { columns, jsonLine } from "../terminal.ts"
import { headFacts } from "./checkpoint.ts"
import { crypto } from "./crypto.ts"
import { addressArgument, pinFlag } from "./flags.ts"
import { logAddress } from "./log-files.ts"
import { askServer, searchLabel } from "./lookup.ts"

interface Flags {
  readonly pin?: string
  readonly json: boolean
}

const dayMs = 86_400_000

export const tokenKeys: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Check the keys for anonymous requests",
    fullDescription:
      "Asks the server for the keys that sign tokens, as every device does, and looks them up in its log. Exits with 4 if one of them is not the log's: with a key of its own a server could recognise a device's tokens.",
  },
  parameters: { flags: { pin: pinFlag, json }, positional: { kind: "tuple", parameters: [addressArgument] } },
  async func(flags, address) {
    const { keys } = await askServer(logAddress(address), this.network, tokenKeysRoute, {})
    if (keys.length === 0)
      throw new CliError("label_absent", "The server gives no key for tokens.", { next: "try again in a minute; its log may be behind" })
    for (const { epoch, key } of keys) {
      const { search, pin } = await searchLabel(address, tokenKeyLabel(epoch), { expectedPin: flags.pin, network: this.network })
      const [found] = search.lookups
      const keyId = crypto.sha256(key)
      verifyTokenKey({ logged: found?.status === "tokenKey" ? found.keyId : undefined, given: keyId })
      const facts = { epoch, from: dayOf(epoch), key: Buffer.from(keyId).toString("hex") }
      await this.terminal.print(
        flags.json
          ? jsonLine({ pin, ...facts, head: headFacts(search.head, search.statement) })
          : columns(Object.entries(facts).map(([name, value]) => [name, String(value)])),
      )
    }
  },
})

/** The first UTC day of a key epoch. */
function dayOf(epoch: number): string {
  return new Date(epoch * tokenKeyDays * dayMs).toISOString().slice(0, 10)
}
