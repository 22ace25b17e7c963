// What an entry of the desk's log says, as a sentence. The entry itself, with its hash, is shown beside it: the sentence is only its reading.

import { grouped } from "../text/amount.ts"
import { className, outcomeName, roleWords } from "../text/words.ts"

export interface AuditSentence {
  /** Name of a person, or undefined: nobody's doing in the console. */
  readonly who: string | undefined
  /** Goes on after the name, without a full stop. */
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
    what: say?.(facts) ?? `did something that this page has no words for: ${event === "" ? "an entry without a name" : event}`,
    timeMs: typeof fields["timeMs"] === "number" ? fields["timeMs"] : undefined,
    caseId: typeof fields["case"] === "string" && /^[0-9a-f]{10}$/.test(fields["case"]) ? fields["case"] : undefined,
    known: say !== undefined,
  }
}

/** Whoever is no person: the server by itself, or somebody at its own command line. */
export const nobodysName = "The server, or somebody at its command line,"

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  operator_added: (facts) => `let ${text(facts["operator"])} act here${role(facts)}, with a key`,
  operator_invited: (facts) => `made a link for ${text(facts["operator"])}${role(facts)}`,
  operator_role_changed: (facts) => `made ${text(facts["operator"])} ${roleName(facts["role"])}`,
  operator_removed: (facts) => `took ${text(facts["operator"])}’s right to act here away`,
  recovery_begun: (facts) => `began to replace everything ${text(facts["operator"])} signs in with: it can be stopped for three days`,
  passkey_enrolled: (facts) =>
    facts["recovery"] === true ? "made a new passkey, which replaces everything they had" : "made a passkey and can sign in with it",
  signed_in: () => "signed in",
  signed_out: () => "signed out",
  case_opened: (facts) => `wrote a request down, about ${number(facts["accounts"], "account")}`,
  document_attached: (facts) => `attached a document to a case (SHA-256 ${short(facts["sha256"])})`,
  case_approved: (facts) => `approved a case as it stood (SHA-256 ${short(facts["digest"])})`,
  case_closed: closed,
  gag_changed: (facts) =>
    typeof facts["until"] === "string" ? `set the gag of a case to the end of ${facts["until"]}` : "lifted the gag of a case",
  archive_downloaded: () => "downloaded the archive of a case",
  archive_erased: () => "erased the archive of a case: its time was over",
  account_suspended: (facts) => `suspended the account ${short(facts["account"])}`,
  account_resumed: (facts) => `let the account ${short(facts["account"])} in again`,
  account_erased: (facts) => `erased the account ${short(facts["account"])} for good`,
  account_unchanged: (facts) => `did not get through with it: the account ${short(facts["account"])} stayed as it was`,
  invites_made: (facts) =>
    `made ${number(Array.isArray(facts["invites"]) ? facts["invites"].length : 0, "invite")}, each for ${number(facts["uses"], "account")} and ${number(facts["days"], "day")}: ${text(facts["label"])}`,
  invite_revoked: (facts) => `took the invite ${short(facts["invite"])} back`,
}

/** What this page has sentences for. */
export const knownEvents: readonly string[] = Object.keys(sentences)

function closed(facts: Facts): string {
  const disclosed = Array.isArray(facts["disclosed"]) ? facts["disclosed"].map((name) => inSentence(className(text(name)))) : []
  const given = disclosed.length === 0 ? "nothing was handed over" : `handed over: ${disclosed.join("; ")}`
  return `closed a case, ${inSentence(outcomeName(text(facts["outcome"])))}: ${given}`
}

/** A name in the middle of a sentence; "IP addresses" stays what it is. */
function inSentence(name: string): string {
  return /^\p{Lu}(?!\p{Lu})/u.test(name) ? `${name.charAt(0).toLowerCase()}${name.slice(1)}` : name
}

function role(facts: Facts): string {
  return facts["role"] === undefined ? "" : `, as ${roleName(facts["role"])}`
}

function roleName(value: unknown): string {
  switch (value) {
    case "owner":
    case "operator":
      return `an ${roleWords[value].name.toLowerCase()}`
    case "reviewer":
      return "a reviewer"
    default:
      return text(value)
  }
}

/** The first ten digits of a hash or an id, which is enough to find it. */
function short(value: unknown): string {
  const code = text(value)
  return code.length > 12 ? grouped(code.slice(0, 10)) : code
}

function number(value: unknown, one: string): string {
  return typeof value === "number" ? `${value} ${value === 1 ? one : `${one}s`}` : `? ${one}s`
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
