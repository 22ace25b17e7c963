// `nodoor export`: everything of this account as JSON; and `--verify`, which checks an archive of a server's desk against the file itself and
// against what the server has published.

import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { pinFlag } from "../kt/flags.ts"
import { readNamedFile } from "../kt/log-files.ts"
import { writeNewFile } from "../new-file.ts"
import { columns, harmlessLine, jsonLine } from "../terminal.ts"
import { type Disclosure, archiveMaxBytes, checkDisclosure } from "./disclosure-check.ts"
import { type DisclosureCheck, checkAgainstServer, serverOf, uncheckedAll } from "./disclosure-log.ts"
import { exportPage } from "./export-page.ts"
import { json, text } from "./flags.ts"

interface Flags {
  readonly out?: string
  readonly format: "json" | "html"
  readonly verify?: string
  readonly server?: string
  readonly pin?: string
  readonly offline: boolean
  readonly json: boolean
}

export const exportData: Command<CliContext> = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Save everything about this account as JSON or as a page to read, or check a server's archive",
    fullDescription:
      "The output is not encrypted. As JSON it includes the account's recovery key: anyone who has that key can restart the account. As HTML it is one page that opens in any browser without a network, and without the recovery key. --out creates a file that only you can read. " +
      "An encrypted copy that opens in Nodoor again is nodoor backup create. --verify checks an archive from a server's desk, or your own record, and needs no account: " +
      "first the file itself (signature, schema, completeness), then the signing key, the public log, the inventory and the notice of the case at its server or --server. " +
      "Each result is passed, failed, or not checked, with the reason. Exit codes: 0 nothing failed, 4 something failed, 5 could not reach the server or its log.",
  },
  parameters: {
    flags: {
      out: { kind: "parsed", parse: text, brief: "Write to a new file instead of standard output", optional: true, placeholder: "file" },
      format: { kind: "enum", values: ["json", "html"], brief: "json, or html to read elsewhere", default: "json" },
      verify: { kind: "parsed", parse: text, brief: "Check this archive instead", optional: true, placeholder: "file" },
      server: {
        kind: "parsed",
        parse: text,
        brief: "Address of its server, if different from its origin",
        optional: true,
        placeholder: "url",
      },
      pin: pinFlag,
      offline: { kind: "boolean", brief: "Check only the file", default: false, withNegated: false },
      json,
    },
  },
  async func(flags) {
    if (flags.verify !== undefined) return verify(this, flags.verify, flags)
    if (flags.server !== undefined || flags.pin !== undefined || flags.offline)
      throw new CliError("usage", "--server, --pin and --offline need --verify.")
    await withProfile(this, async ({ device }) => {
      const own = await device.exportOwnData()
      const exported = flags.format === "html" ? [...exportPage(own)].join("").trimEnd() : jsonLine(own)
      if (flags.out === undefined) await this.terminal.print(exported)
      else await writeNewFile(flags.out, `${exported}\n`)
    })
  },
})

async function verify({ terminal, network }: CliContext, path: string, flags: Flags): Promise<void> {
  if (flags.out !== undefined) throw new CliError("usage", "--verify writes no file. Leave out --out.")
  if (flags.offline && flags.server !== undefined) throw new CliError("usage", "Use either --server or --offline.")
  const archive = checkDisclosure(await readNamedFile(path, archiveMaxBytes))
  const checks = flags.offline
    ? uncheckedAll("--offline")
    : await checkAgainstServer(archive, { server: flags.server ?? serverOf(archive.origin), pin: flags.pin, nowMs: Date.now(), network })
  await terminal.print(flags.json ? jsonLine({ ...archive, checks }) : inWords(archive, checks))
  const failed = checks.filter(({ status }) => status === "failed")
  if (failed.length > 0) {
    const names = failed.map(({ check }) => check).join(", ")
    throw new CliError("archive_refused", `The archive doesn't match what the server has published: ${names}.`, {
      next: "keep the file and this output, and show both to the person who gave you the archive",
    })
  }
  // These two can be checked whenever the server answers.
  const unasked = checks.some(({ check, status }) => status === "not checked" && (check === "signing key" || check === "log"))
  if (unasked && !flags.offline)
    throw new CliError("log_unreachable", "The file itself is valid. It was not checked against the server.", {
      next: "try again, or --server URL, or --offline",
    })
}

function inWords(archive: Disclosure, checks: readonly DisclosureCheck[]): string {
  const { origin, purpose, accounts, found, rows, columns: names, impossible, caseId, key, inventorySha256, sha256 } = archive
  const facts = [
    ["origin", harmlessLine(origin)],
    ["purpose", caseId === undefined ? purpose : `${purpose}, case ${harmlessLine(caseId)}`],
    ["accounts", `${accounts}, of which ${found} exist`],
    ["handed over", `${rows} rows of ${names.length} columns`],
    ...(impossible.length === 0 ? [] : [["refused", impossible.map(harmlessLine).join(", ")]]),
    ["key", key],
    ["inventory", inventorySha256],
    ["file", sha256],
  ]
  const results = [
    ["file", "passed", "signature, schema and completeness"],
    ...checks.map((one) => [one.check, one.status, harmlessLine(one.status === "passed" ? (one.found ?? "") : one.why)]),
  ]
  return `${columns(facts)}\n\n${columns(results)}`
}
