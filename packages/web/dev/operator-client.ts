// The console's client without a server: it answers from sample data and forgets every change on reload.

import * as wire from "@nodoor/wire/operator"
import { HostError } from "../src/host/host.ts"
import { approvalChallenge } from "../src/operator/cases/signed-digest.ts"
import { browserSha256 } from "../src/operator/log/chain.ts"
import type { ConsoleClient } from "../src/operator/console-client.ts"
import { sampleLog } from "./operator-log.ts"
import {
  day,
  hexCode,
  sampleAccounts,
  sampleCases,
  sampleInvites,
  sampleOverview,
  samplePeople,
  sampleSettings,
  stretchedCases,
} from "./operator-world.ts"

interface SignedIn {
  readonly name: string
  readonly role: wire.OperatorRole
  readonly token: Uint8Array
  readonly expiresAtMs: number
}
type Answers = Readonly<Record<string, (request: never) => unknown>>

export function createSampleClient(scene: string, me: SignedIn): ConsoleClient {
  const now = Date.now()
  const empty = scene === "empty"
  let cases = empty ? [] : scene === "long" ? stretchedCases(now) : sampleCases(now)
  let invites = empty ? [] : sampleInvites(now)
  let accounts = empty ? [] : sampleAccounts(now)
  let people = empty ? samplePeople(now, me).slice(0, 1) : samplePeople(now, me)
  let enrolments: wire.OperatorEnrolment[] = empty
    ? []
    : [
        { name: "Priya Raman", role: "reviewer", expiresAtMs: now + day * 0.7 },
        ...(scene === "trouble"
          ? [{ name: "Tomasz Nowak", role: "operator" as const, expiresAtMs: now + 4 * day, recoveryAtMs: now + 2 * day }]
          : []),
      ]
  const log = empty ? Promise.resolve([]) : sampleLog(now, browserSha256)
  const changeCase = (caseId: string, rest: Partial<wire.OperatorCase>): wire.OperatorCase => {
    cases = cases.map((one) => (one.caseId === caseId ? { ...one, ...rest } : one))
    return oneCase(caseId)
  }
  const oneCase = (caseId: string): wire.OperatorCase => {
    const found = cases.find((one) => one.caseId === caseId)
    if (found === undefined) throw new HostError("operator_refused", "There is no such case.")
    return found
  }
  const options = (): { options: string } => ({ options: "{}" })

  const answers: Answers = {
    [path("enrol/options")]: () => ({ ...options(), name: "Priya Raman", role: "reviewer", invitedBy: "Ines Calloway" }),
    [path("enrol")]: () => ({ ...me, name: "Priya Raman", role: "reviewer" }),
    [path("sign-in/options")]: options,
    [path("sign-in")]: () => me,
    [path("sign-out")]: () => ({}),
    [path("confirm/options")]: async ({ act, subject }: { act: wire.ConfirmedAct; subject: string }) =>
      act === "approve" ? { options: JSON.stringify({ challenge: await approvalChallenge(oneCase(subject).digest) }) } : options(),
    "/v1/server": () => ({
      origin: "chat.example.org",
      version: "0.1.0",
      registration: "invite",
      email: "none",
      ipDays: 7,
      messageDays: 30,
    }),
    [path("overview")]: () => sampleOverview(Date.now(), scene === "trouble"),
    [path("settings")]: () => ({ file: "/var/lib/nodoor/nodoor.toml", fileExists: !empty, settings: sampleSettings() }),
    [path("cases")]: () => ({ cases, more: false }),
    [path("case")]: ({ caseId }: { caseId: string }) => oneCase(caseId),
    [path("case/open")]: ({ request }: { request: string }) => {
      const parsed = JSON.parse(request) as wire.DeskRequest
      if (parsed.reference === "refuse")
        throw new HostError("operator_refused", "The request can't be recorded: accounts: each account once.")
      const { accounts: accountNames, ...rest } = parsed
      const caseId = hexCode(Date.now() % 9973, 10)
      const blank = { documents: [], approvedBy: [], approvedByMe: false, approvals: 0, approvalsNeeded: 2, noticeOpen: false }
      const made = {
        ...rest,
        ...blank,
        ...wire.scopeOf(parsed),
        caseId,
        accountNames,
        accounts: accountNames.length,
        digest: hexCode(7, 64),
      }
      cases = [{ ...made, openedAtMs: Date.now() }, ...cases]
      return { caseId }
    },
    [path("case/attach")]: ({ caseId, name, content }: { caseId: string; name: string; content: Uint8Array }) => {
      const document = { sha256: hexCode(content.length, 64), name, sizeBytes: content.length }
      changeCase(caseId, { documents: [...oneCase(caseId).documents, document], approvedBy: [], approvals: 0, approvedByMe: false })
      return { sha256: document.sha256 }
    },
    [path("case/document")]: () => ({ content: new TextEncoder().encode("a document") }),
    [path("case/approve")]: ({ caseId }: { caseId: string }) => {
      const approvedBy = [...oneCase(caseId).approvedBy, me.name]
      changeCase(caseId, { approvedBy, approvals: approvedBy.length, approvedByMe: true })
      return { approvals: approvedBy.length }
    },
    [path("case/close")]: ({ caseId, outcome, tell }: { caseId: string; outcome: string; tell: boolean }) => {
      changeCase(caseId, { outcome, closedAtMs: Date.now(), told: tell ? "told" : "no" })
      return {}
    },
    [path("case/export")]: ({ caseId, tell }: { caseId: string; tell: boolean }) => {
      const { granted, impossible, beyond, gagUntil } = oneCase(caseId)
      const outcome = granted.length === 0 ? "rejected" : impossible.length + beyond.length > 0 ? "partial" : "full"
      const told = !tell ? "no" : gagUntil === undefined ? "told" : "later"
      changeCase(caseId, { outcome, told, closedAtMs: Date.now(), exportSha256: hexCode(48, 64), archiveUntilMs: Date.now() + 7 * day })
      return { outcome, sha256: hexCode(48, 64) }
    },
    [path("case/archive")]: () => ({ archive: new TextEncoder().encode("{}"), letter: "<!doctype html>" }),
    [path("accounts")]: ({ after = "", prefix = "" }: { after?: string; prefix?: string }) => {
      const found = accounts.filter(({ handle }) => handle.startsWith(prefix) && handle > after)
      return { accounts: found.slice(0, 20), more: found.length > 20, accountsMax: 5000 }
    },
    [path("account/change")]: ({ accountId, change }: { accountId: Uint8Array; change: "suspend" | "resume" | "erase" }) => {
      const state = { suspend: "suspended", resume: "active", erase: "erased" } as const
      accounts = accounts.map((one) => (one.accountId[0] === accountId[0] ? { ...one, state: state[change] } : one))
      return accounts.find((one) => one.accountId[0] === accountId[0])
    },
    [path("invites")]: () => ({ invites }),
    [path("invite/create")]: ({ count, uses, days, label }: { count: number; uses: number; days: number; label: string }) => {
      const made = Array.from({ length: count }, (_, at) => hexCode(300 + at + invites.length, 22))
      invites = [
        ...made.map((code) => ({ id: code.slice(0, 16), label, usesLeft: uses, expiresAtMs: Date.now() + days * day })),
        ...invites,
      ]
      return { links: made.map((code) => `https://chat.example.org/i/${code}`) }
    },
    [path("invite/revoke")]: ({ id }: { id: string }) => {
      invites = invites.filter((one) => one.id !== id)
      return {}
    },
    [path("people")]: () => ({ people, enrolments }),
    [path("person/invite")]: ({ name, role }: { name: string; role: wire.OperatorRole }) => {
      enrolments = [...enrolments.filter((one) => one.name !== name), { name, role, expiresAtMs: Date.now() + day }]
      return { link: `https://chat.example.org/operator#enrol=${hexCode(900, 43)}`, expiresAtMs: Date.now() + day }
    },
    [path("person/change")]: ({ name, role }: { name: string; role?: wire.OperatorRole }) => {
      enrolments = enrolments.filter((one) => one.name !== name)
      people = people.map((one) => (one.name !== name ? one : role === undefined ? { ...one, removedAtMs: Date.now() } : { ...one, role }))
      return {}
    },
    [path("audit")]: async () => ({ holds: scene !== "trouble", entries: await log, more: false }),
  }

  return {
    async call(route, request) {
      const reads = ["overview", "settings", "cases", "case", "accounts", "invites", "people", "audit", "enrol/options"]
        .map(path)
        .includes(route.path)
      if (scene === "slow" && reads) await new Promise(() => {})
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (scene === "broken" && reads)
        throw new HostError("offline", "The server did not answer. If you were changing something, look first whether it was done.")
      if (scene === "refused" && !reads)
        throw new HostError("operator_refused", "The last owner can't be removed or get another role. Make somebody else an owner first.")
      const answer = answers[route.path]
      if (answer === undefined) throw new HostError("not_found", `The made-up server has no ${route.path}.`)
      return (await answer(request as never)) as never
    },
  }
}

function path(name: string): string {
  return `/v1/operator/${name}`
}
