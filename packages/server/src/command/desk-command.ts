// `nodoor-server desk …`: the lawful desk in a terminal. The person who acts brings a key file.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { ServerError } from "../core/server-error.ts"
import { writeWhole } from "../core/write-whole.ts"
import { approvalsNeeded } from "../desk/cases/case.ts"
import { parseDeskRequest, requestFileMaxBytes, scopeOf } from "../desk/cases/desk-request.ts"
import { documentMaxBytes } from "../desk/cases/document.ts"
import { changeGag } from "../desk/cases/gag.ts"
import type { EmptyOutcome } from "../desk/desk.ts"
import { subjectNotices } from "../desk/notices/subject-notices.ts"
import { Actor } from "../desk/people/actor.ts"
import { createOperatorKey, readOperatorKey } from "../desk/people/operator-key.ts"
import { readAudit } from "../desk/store/desk-database.ts"
import { type ServerContext, withDesk } from "./context.ts"
import { operator } from "./desk-operator-command.ts"
import { caseArgument, fileArgument, key, text } from "./parameters.ts"

type Plain = Record<never, never>
interface Acting {
  readonly key: string
}
interface Telling extends Acting {
  readonly tell: "yes" | "no"
}

const casePosition = { kind: "tuple", parameters: [caseArgument] } as const
const tell = {
  kind: "enum",
  values: ["yes", "no"],
  brief: "Whether the people named are told in their app, now or after the gag",
  default: "yes",
} as const

const makeKey: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Make a key file for a person; prints its public half" },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("New file")] } },
  func(_flags, path) {
    this.say(toBase64(createOperatorKey(path, this.random).publicKey))
  },
})

const open: Command<ServerContext> = buildCommand<Acting, [string], ServerContext>({
  docs: { brief: "Record a request; prints the number of its case" },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("Request as JSON", "request.json")] }, flags: { key } },
  func({ key: keyPath }, path) {
    return withDesk(this, ({ db, desk }) => {
      const request = parseDeskRequest(new TextDecoder().decode(readBounded(path, requestFileMaxBytes)))
      this.say(desk.open(request, Actor.ofKey(db, readOperatorKey(keyPath))))
    })
  },
})

const attach: Command<ServerContext> = buildCommand<Acting, [string, string], ServerContext>({
  docs: { brief: "Attach a document; approvals given before no longer count" },
  parameters: { positional: { kind: "tuple", parameters: [caseArgument, fileArgument("Document", "document")] }, flags: { key } },
  func({ key: keyPath }, caseId, path) {
    return withDesk(this, ({ db, desk }) => {
      const actor = Actor.ofKey(db, readOperatorKey(keyPath))
      desk.attach({ caseId, name: basename(path), content: readBounded(path, documentMaxBytes), actor })
    })
  },
})

const approve: Command<ServerContext> = buildCommand<Acting, [string], ServerContext>({
  docs: { brief: "Approve a case; two people must" },
  parameters: { positional: casePosition, flags: { key } },
  func({ key: keyPath }, caseId) {
    return withDesk(this, ({ db, desk }) => {
      const own = readOperatorKey(keyPath)
      const approvals = desk.approve({ caseId, actor: Actor.ofKey(db, own), by: { kind: "key", key: own } })
      this.say(`${approvals} of ${approvalsNeeded} approvals`)
    })
  },
})

/** The archive is on the disk under another name before the notice is written, and gets its own name only afterwards. */
export const exportCase: Command<ServerContext> = buildCommand<Telling & { readonly out: string }, [string], ServerContext>({
  docs: { brief: "Write the archive and the letter of an approved case, and close it" },
  parameters: {
    positional: casePosition,
    flags: { out: { kind: "parsed", brief: "Folder for the archive and the letter", parse: text, placeholder: "folder" }, key, tell },
  },
  func(flags, caseId) {
    return withDesk(this, async ({ db, desk }) => {
      if (!/^[0-9a-f]{10}$/.test(caseId))
        throw new ServerError("desk_refused", "There is no such case. `nodoor-server desk list` shows them all.")
      const path = join(flags.out, `disclosure-${caseId}.json`)
      if (existsSync(path)) throw new ServerError("desk_refused", `${path} already exists. Choose another folder.`)
      const unreleased = `${path}.unreleased`
      mkdirSync(flags.out, { recursive: true, mode: 0o700 })
      const keep = (archive: { readonly text: string }): void => writeWhole(unreleased, toUtf8(archive.text))
      const actor = Actor.ofKey(db, readOperatorKey(flags.key))
      const made = await desk.export({ caseId, tell: flags.tell === "yes", actor, keep }).catch((error: unknown) => {
        rmSync(unreleased, { force: true })
        throw error
      })
      renameSync(unreleased, path)
      writeWhole(join(flags.out, `disclosure-${caseId}.html`), toUtf8(made.archive.letter))
      this.say(`${made.outcome}\n${path}\nsha256 ${made.archive.digest}`)
    })
  },
})

const outcomes = ["rejected", "challenged", "withdrawn"] as const satisfies readonly EmptyOutcome[]

const close: Command<ServerContext> = buildCommand<Telling & { readonly outcome: EmptyOutcome }, [string], ServerContext>({
  docs: { brief: "Close a case without handing anything over" },
  parameters: {
    positional: casePosition,
    flags: { outcome: { kind: "enum", values: outcomes, brief: "How it ended" }, key, tell },
  },
  func(flags, caseId) {
    return withDesk(this, ({ db, desk }) => {
      const actor = Actor.ofKey(db, readOperatorKey(flags.key))
      return desk.close({ caseId, outcome: flags.outcome, tell: flags.tell === "yes", actor })
    })
  },
})

const gag: Command<ServerContext> = buildCommand<Acting, [string, string], ServerContext>({
  docs: { brief: "Record that the gag of a closed case was extended or lifted" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [caseArgument, { brief: "Last day of the gag, such as 2027-01-31, or none", parse: text, placeholder: "day" }],
    },
    flags: { key },
  },
  func({ key: keyPath }, caseId, day) {
    return withDesk(this, ({ db }) => {
      const actor = Actor.ofKey(db, readOperatorKey(keyPath))
      const until = day === "none" ? undefined : day
      const { knowAlready, opened, sharedUntil } = changeGag(db, { clock: this.clock, caseId, until, actor })
      if (knowAlready > 0) this.say(`${knowAlready} of the accounts named already know. That can't be undone.`)
      if (opened) this.say("The public notice is already open. That can't be undone.")
      if (sharedUntil !== undefined)
        this.say(
          `The public notice shares a slot with other cases and opens with them ${sharedUntil === "" ? "the next day" : `after ${sharedUntil}`}. It names nobody.`,
        )
    })
  },
})

const list: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "List all cases" },
  parameters: {},
  func() {
    return withDesk(this, ({ desk }) => {
      for (const { caseId, request, outcome } of desk.cases()) {
        const { received, country, instrument, accounts, reference } = request
        const count = accounts.length === 1 ? "1 account" : `${accounts.length} accounts`
        this.say([caseId, outcome ?? "open", received, country, instrument, count, reference].join("  "))
      }
    })
  },
})

const show: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Show a case as JSON" },
  parameters: { positional: casePosition },
  func(_flags, caseId) {
    return withDesk(this, ({ db, desk }) => {
      const { case: shown, approvers } = desk.show(caseId)
      const { request, documents, outcome } = shown
      const view = {
        case: caseId,
        outcome: outcome ?? "open",
        request,
        scope: scopeOf(request),
        documents: documents.map(({ name, contentHash, sizeBytes }) => ({ name, sizeBytes, sha256: toHex(contentHash) })),
        approved: approvers.map(({ name }) => name),
        told: subjectNotices(db, caseId),
      }
      this.say(JSON.stringify(view, undefined, 2))
    })
  },
})

const log: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "Print the desk's log, whose entries are chained" },
  parameters: {},
  func() {
    return withDesk(this, ({ db }) => {
      for (const entry of readAudit(db)) this.say(JSON.stringify(entry))
    })
  },
})

export const desk: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Requests by authorities: receive, approve, answer" },
  routes: { key: makeKey, operator, open, attach, approve, export: exportCase, close, gag, list, show, log },
})

function readBounded(path: string, maxBytes: number): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size <= maxBytes) return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new ServerError("desk_refused", `${path} can't be read. Check the path and its permissions.`, { cause: error })
  }
  throw new ServerError("desk_refused", `${path} is too large. The most is ${maxBytes} bytes.`)
}
