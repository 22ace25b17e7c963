// An entry of the desk's log as a sentence. The entry itself and its hash are shown beside it, because the sentence is only a reading of it.

import { grouped } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import { className, outcomeName } from "../text/words.ts"

export interface AuditSentence {
  /** Name of a person; undefined if nobody did it in the console. */
  readonly who: string | undefined
  /** Continues after the name, without a full stop. */
  readonly what: string
  readonly timeMs: number | undefined
  readonly caseId: string | undefined
  /** Whether this page knows the event. */
  readonly known: boolean
}

type Facts = Readonly<Record<string, unknown>>

/** @param entry canonical JSON, as the server keeps it */
export function auditSentence(entry: string): AuditSentence {
  const fields = objectOf(parsed(entry))
  const facts = objectOf(fields["facts"])
  const event = typeof fields["event"] === "string" ? fields["event"] : ""
  const who = typeof fields["actor"] === "string" && fields["actor"] !== "server" ? fields["actor"] : undefined
  const say = Object.hasOwn(sentences, event) ? sentences[event] : undefined
  return {
    who,
    what: say?.(facts) ?? t.log.acts.unknown(event === "" ? t.log.acts.unnamed : event),
    timeMs: typeof fields["timeMs"] === "number" ? fields["timeMs"] : undefined,
    caseId: typeof fields["case"] === "string" && /^[0-9a-f]{10}$/.test(fields["case"]) ? fields["case"] : undefined,
    known: say !== undefined,
  }
}

const { acts } = t.log

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  operator_added: (facts) => acts.operatorAdded(text(facts["operator"]), role(facts)),
  operator_invited: (facts) => acts.operatorInvited(text(facts["operator"]), role(facts)),
  operator_role_changed: (facts) => acts.roleChanged(text(facts["operator"]), roleName(facts["role"])),
  operator_removed: (facts) => acts.operatorRemoved(text(facts["operator"])),
  recovery_begun: (facts) => acts.recoveryBegun(text(facts["operator"])),
  passkey_enrolled: (facts) => (facts["recovery"] === true ? acts.passkeyReplaced : acts.passkeyMade),
  signed_in: () => acts.signedIn,
  signed_out: () => acts.signedOut,
  case_opened: (facts) => acts.caseOpened(number(facts["accounts"])),
  document_attached: (facts) => acts.documentAttached(short(facts["sha256"])),
  case_approved: (facts) => acts.caseApproved(short(facts["digest"])),
  case_closed: closed,
  gag_changed: (facts) => (typeof facts["until"] === "string" ? acts.gagSet(facts["until"]) : acts.gagLifted),
  archive_downloaded: () => acts.archiveDownloaded,
  archive_erased: () => acts.archiveErased,
  account_suspended: (facts) => acts.accountSuspended(short(facts["account"])),
  account_resumed: (facts) => acts.accountResumed(short(facts["account"])),
  account_erased: (facts) => acts.accountErased(short(facts["account"])),
  account_unchanged: (facts) => acts.accountUnchanged(short(facts["account"])),
  invites_made: (facts) =>
    acts.invitesMade(
      Array.isArray(facts["invites"]) ? facts["invites"].length : 0,
      number(facts["uses"]),
      number(facts["days"]),
      text(facts["label"]),
    ),
  invite_revoked: (facts) => acts.inviteRevoked(short(facts["invite"])),
}

/** The events this page has sentences for. */
export const knownEvents: readonly string[] = Object.keys(sentences)

function closed(facts: Facts): string {
  const disclosed = Array.isArray(facts["disclosed"]) ? facts["disclosed"].map((name) => inSentence(className(text(name)))) : []
  return acts.caseClosed(inSentence(outcomeName(text(facts["outcome"]))), disclosed)
}

/** A name in the middle of a sentence; "IP addresses" stays what it is. */
function inSentence(name: string): string {
  return /^\p{Lu}(?!\p{Lu})/u.test(name) ? `${name.charAt(0).toLowerCase()}${name.slice(1)}` : name
}

function role(facts: Facts): string | undefined {
  return facts["role"] === undefined ? undefined : roleName(facts["role"])
}

function roleName(value: unknown): string {
  return value === "owner" || value === "operator" || value === "reviewer" ? t.terms.roles[value].one : text(value)
}

/** The first ten digits of a hash or an id, which is enough to find it. */
function short(value: unknown): string {
  const code = text(value)
  return code.length > 12 ? grouped(code.slice(0, 10)) : code
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "?"
}

function objectOf(value: unknown): Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function parsed(entry: string): unknown {
  try {
    return JSON.parse(entry)
  } catch {
    return undefined
  }
}
