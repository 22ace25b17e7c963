// `nodoor-server desk …`: the lawful desk in a terminal. Whoever decides brings a key file; results go to standard output.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { CodecError, fromBase64, toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import { type OperatorRole, operatorRoles } from "@nodoor/wire/operator"
import type { SigningKey } from "../keylog/keeper/log-keys.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Database } from "../sqlite/database.ts"
import { Actor } from "../desk/people/actor.ts"
import { approvalsNeeded } from "../desk/cases/case.ts"
import type { EmptyOutcome } from "../desk/desk.ts"
import { readAudit } from "../desk/store/desk-database.ts"
import { parseDeskRequest, requestFileMaxBytes, scopeOf } from "../desk/cases/desk-request.ts"
import { writeWhole } from "../core/write-whole.ts"
import { documentMaxBytes } from "../desk/cases/document.ts"
import { changeGag } from "../desk/cases/gag.ts"
import { type OpenedDesk, openDesk } from "../desk/open-desk.ts"
import { createOperatorKey, readOperatorKey } from "../desk/people/operator-key.ts"
import { activePeople, allCredentials } from "../desk/people/person.ts"
import { toldAccounts } from "../desk/notices/subject-notices.ts"

export const deskUsage = `nodoor-server desk key FILE                                make a key for a person who decides; prints its public half
nodoor-server desk operator invite NAME [--role owner|operator|reviewer] [--key FILE]   print a link for a passkey;
                                                           from the third person on an owner vouches
nodoor-server desk operator add NAME PUBLIC [--role …] [--key FILE]                     the same for a key instead of a passkey
nodoor-server desk operator role NAME --role … --key FILE
nodoor-server desk operator remove NAME --key FILE
nodoor-server desk operator recover NAME                   all keys and passkeys of that person are lost: a link that works in 3 days
nodoor-server desk operator list
nodoor-server desk open REQUEST.json --key FILE            write a request down; prints the case's number
nodoor-server desk attach CASE DOCUMENT --key FILE
nodoor-server desk approve CASE --key FILE                 two different people must
nodoor-server desk export CASE --out FOLDER --key FILE [--tell yes|no]
nodoor-server desk close CASE --outcome rejected|challenged|withdrawn --key FILE [--tell yes|no]
                                                           --tell: the people named are told in their app, at once or when the
                                                           gag ends; default yes
nodoor-server desk gag CASE DAY|none --key FILE            a closed case: the gag was extended to the end of that day, or lifted
nodoor-server desk list | show CASE | log`

export interface DeskCommandPorts {
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  /** Of the configuration. */
  readonly consoleOrigin?: string | undefined
  readonly say: (text: string) => void
}

/** @throws ServerError `usage`, `desk_refused`, `desk_damaged`, `operator_unknown`, as `openDatabase` */
export async function runDeskCommand(words: readonly string[], ports: DeskCommandPorts): Promise<void> {
  const { plain, flags } = parseWords(words)
  const [verb, ...rest] = plain
  if (verb === "key") {
    const [path] = exactly(rest, 1)
    return ports.say(toBase64(createOperatorKey(path as string, ports.random).publicKey))
  }
  const run = verbs[verb ?? ""]
  if (run === undefined)
    throw new ServerError("usage", `desk: ${verb === undefined ? "say what to do" : `${verb} is none of its verbs`}\n\n${deskUsage}`)
  const opened = await openDesk(ports.dataDir, ports)
  try {
    await run({ ...opened, ...ports, rest, flags })
  } finally {
    await opened.close()
  }
}

interface Invocation extends OpenedDesk, DeskCommandPorts {
  readonly rest: readonly string[]
  readonly flags: ReadonlyMap<string, string>
}

const verbs: Readonly<Record<string, (invocation: Invocation) => void | Promise<void>>> = {
  operator: operatorVerb,
  open: ({ db, desk, rest, flags, say }) => {
    const [path] = exactly(rest, 1)
    say(desk.open(parseDeskRequest(new TextDecoder().decode(readBounded(path as string, requestFileMaxBytes))), actorOf(db, flags)))
  },
  attach: ({ db, desk, rest, flags }) => {
    const [caseId = "", path = ""] = exactly(rest, 2)
    desk.attach({ caseId, name: basename(path), content: readBounded(path, documentMaxBytes), actor: actorOf(db, flags) })
  },
  approve: ({ db, desk, rest, flags, say }) => {
    const [caseId = ""] = exactly(rest, 1)
    const key = keyOf(flags)
    say(`${desk.approve({ caseId, actor: Actor.ofKey(db, key), by: { kind: "key", key } })} of ${approvalsNeeded} have approved`)
  },
  export: exportCase,
  close: async ({ db, desk, rest, flags }) => {
    const [caseId = ""] = exactly(rest, 1)
    const outcome = chosen<EmptyOutcome>(flags, "--outcome", ["rejected", "challenged", "withdrawn"], undefined)
    await desk.close({ caseId, outcome, tell: tellOf(flags), actor: actorOf(db, flags) })
  },
  gag: ({ db, clock, rest, flags, say }) => {
    const [caseId = "", day = ""] = exactly(rest, 2)
    const until = day === "none" ? undefined : day
    const { knowAlready, opened, sharedUntil } = changeGag(db, { clock, caseId, until, actor: actorOf(db, flags) })
    if (knowAlready > 0) say(`${knowAlready} of the accounts named know of it already: that cannot be taken back.`)
    if (opened) say("The public notice was opened before: that cannot be taken back.")
    if (sharedUntil !== undefined)
      say(
        `The public notice is opened together with others of its day all the same, ${sharedUntil === "" ? "with the next day's notice" : `after ${sharedUntil}`}: it names nobody.`,
      )
  },
  list: ({ desk, rest, say }) => {
    exactly(rest, 0)
    for (const { caseId, request, outcome } of desk.cases())
      say(
        [
          caseId,
          outcome ?? "open",
          request.received,
          request.country,
          request.instrument,
          `${request.accounts.length} accounts`,
          request.reference,
        ].join("  "),
      )
  },
  show: ({ db, desk, rest, say }) => {
    const [caseId = ""] = exactly(rest, 1)
    const { case: shown, approvers } = desk.show(caseId)
    const { request, documents, outcome } = shown
    const files = documents.map(({ name, contentHash, sizeBytes }) => ({ name, sizeBytes, sha256: toHex(contentHash) }))
    const approved = approvers.map(({ name }) => name)
    say(
      JSON.stringify(
        {
          case: caseId,
          outcome: outcome ?? "open",
          request,
          scope: scopeOf(request),
          documents: files,
          approved,
          told: toldAccounts(db, caseId),
        },
        undefined,
        2,
      ),
    )
  },
  log: ({ db, rest, say }) => {
    exactly(rest, 0)
    for (const entry of readAudit(db)) say(JSON.stringify(entry))
  },
}

function operatorVerb({ db, people, rest, flags, say }: Invocation): void {
  const [action, name = "", publicKey = ""] = rest
  const words = { invite: 2, add: 3, role: 2, remove: 2, recover: 2, list: 1 }[action ?? ""]
  if (words === undefined) throw new ServerError("usage", `desk operator: say what to do\n\n${deskUsage}`)
  exactly(rest, words)
  const voucher = flags.has("--key") ? actorOf(db, flags) : undefined
  const role = flags.has("--role") ? chosen<OperatorRole>(flags, "--role", operatorRoles, undefined) : undefined
  if (action === "invite") {
    const { link, expiresAtMs } = people.invite({ name, role, voucher })
    return say(`${link}\ngood once, until ${new Date(expiresAtMs).toISOString()}`)
  }
  if (action === "recover") {
    const { link, usableAtMs, expiresAtMs } = people.recover(name)
    return say(`${link}\ngood once, from ${new Date(usableAtMs).toISOString()} until ${new Date(expiresAtMs).toISOString()}`)
  }
  if (action === "add") people.addKey({ name, publicKey: publicKeyOf(publicKey), role, voucher })
  if (action === "role")
    people.changeRole({ name, role: chosen<OperatorRole>(flags, "--role", operatorRoles, undefined), actor: actorOf(db, flags) })
  if (action === "remove") people.remove({ name, actor: actorOf(db, flags) })
  for (const person of activePeople(db)) {
    say(`${person.name}  ${person.role}`)
    for (const { operatorId, removedAtMs, kind, credentialId, label } of allCredentials(db))
      if (operatorId === person.operatorId && removedAtMs === undefined)
        say(kind === "key" ? `  key  ${toBase64(credentialId)}` : `  passkey  ${toHex(credentialId)}  ${label}`)
  }
}

/** The archive is on the disk under another name before the notice is written, and gets its own only afterwards. */
async function exportCase({ db, desk, rest, flags, say }: Invocation): Promise<void> {
  const [caseId = ""] = exactly(rest, 1)
  const folder = flags.get("--out")
  if (folder === undefined) throw new ServerError("usage", "desk export: --out FOLDER says where to")
  if (!/^[0-9a-f]{10}$/.test(caseId)) throw new ServerError("desk_refused", "There is no such case: nodoor-server desk list shows them.")
  const path = join(folder, `disclosure-${caseId}.json`)
  if (existsSync(path)) throw new ServerError("desk_refused", `${path} is there already.`)
  const unreleased = `${path}.unreleased`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keep = ({ text }: { readonly text: string }): void => writeWhole(unreleased, toUtf8(text))
  const made = await desk.export({ caseId, tell: tellOf(flags), actor: actorOf(db, flags), keep }).catch((error: unknown) => {
    rmSync(unreleased, { force: true })
    throw error
  })
  renameSync(unreleased, path)
  writeWhole(join(folder, `disclosure-${caseId}.html`), toUtf8(made.archive.letter))
  say(`${made.outcome}\n${path}\nsha256 ${made.archive.digest}`)
}

function parseWords(words: readonly string[]): { readonly plain: readonly string[]; readonly flags: ReadonlyMap<string, string> } {
  const plain: string[] = []
  const flags = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (!word.startsWith("--")) plain.push(word)
    else {
      const value = words[++at]
      if (!["--key", "--out", "--outcome", "--tell", "--role"].includes(word) || flags.has(word) || value === undefined)
        throw new ServerError("usage", `desk: ${word} is not expected here, or lacks its value\n\n${deskUsage}`)
      flags.set(word, value)
    }
  }
  return { plain, flags }
}

function exactly(words: readonly string[], count: number): readonly string[] {
  if (words.length !== count) throw new ServerError("usage", `desk: too few words or too many\n\n${deskUsage}`)
  return words
}

function keyOf(flags: ReadonlyMap<string, string>): SigningKey {
  const path = flags.get("--key")
  if (path === undefined) throw new ServerError("usage", "desk: --key FILE says who decides")
  return readOperatorKey(path)
}

function actorOf(db: Database, flags: ReadonlyMap<string, string>): Actor {
  return Actor.ofKey(db, keyOf(flags))
}

function tellOf(flags: ReadonlyMap<string, string>): boolean {
  return chosen(flags, "--tell", ["yes", "no"], "yes") === "yes"
}

function chosen<Choice extends string>(
  flags: ReadonlyMap<string, string>,
  flag: string,
  choices: readonly Choice[],
  otherwise: Choice | undefined,
): Choice {
  const value = flags.get(flag) ?? otherwise
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw new ServerError("usage", `desk: ${flag} is one of ${choices.join(", ")}`)
  return found
}

function publicKeyOf(text: string): Uint8Array {
  try {
    const key = fromBase64(text)
    if (key.length === 32) return key
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
  }
  throw new ServerError("desk_refused", "A public key is what nodoor-server desk key printed: 44 characters of base64.")
}

function readBounded(path: string, maxBytes: number): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size <= maxBytes) return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new ServerError("desk_refused", `${path} cannot be read.`, { cause: error })
  }
  throw new ServerError("desk_refused", `${path} is larger than ${maxBytes} bytes.`)
}
