// The log of what people did in the console, and the settings in force.

import { counted, numeral } from "../../../text/en/amounts.ts"

const some = (n: number | undefined, one: string): string => (n === undefined ? `? ${one}s` : counted(n, one))

export const log = {
  lead: "Everything that people did in the console and at the desk. Each entry holds the hash of the one before it, so a changed or removed entry shows.",
  notLoaded: "Couldn’t load the log",
  none: "Nobody has done anything yet",
  more: "Show earlier entries",
  broken: (at: number | undefined): string =>
    at === undefined ? "The chain did not verify." : `The chain did not verify at entry ${numeral(at)}.`,
  brokenWords:
    "Someone changed the log without the desk, or the disk did. Stop, keep a copy of the data directory, and compare it with a backup.",
  verified: (entries: number, shown: number): string =>
    `The server checked the chain of ${counted(entries, "entry", "entries")}${
      shown === 0 ? "" : `, and this page checked the ${numeral(shown)} shown here`
    }. Someone who controls the machine could rewrite all of it. Keep the hash of the newest entry elsewhere to notice that.`,
  case: (caseId: string): string => `Case ${caseId}`,
  entry: (seq: number): string => `Entry ${numeral(seq)}`,
  asWritten: "as it is written",
  hash: "SHA-256",
  unknownTime: "?",

  /** Each continues after the name of the person, without a full stop. */
  acts: {
    nobody: "The server, or someone at its command line,",
    unknown: (event: string): string => `did something this page has no words for: ${event}`,
    unnamed: "an entry without a name",
    operatorAdded: (name: string, role: string | undefined): string => `gave ${name} access${as(role)}, with a key`,
    operatorInvited: (name: string, role: string | undefined): string => `created a link for ${name}${as(role)}`,
    roleChanged: (name: string, role: string): string => `made ${name} ${role}`,
    operatorRemoved: (name: string): string => `removed ${name}’s access`,
    recoveryBegun: (name: string): string => `began to replace everything ${name} signs in with, which can be stopped for three days`,
    passkeyReplaced: "created a new passkey, which replaces everything they had",
    passkeyMade: "created a passkey and can sign in with it",
    signedIn: "signed in",
    signedOut: "signed out",
    caseOpened: (accounts: number | undefined): string => `recorded a request about ${some(accounts, "account")}`,
    documentAttached: (hash: string): string => `attached a document to a case (SHA-256 ${hash})`,
    caseApproved: (hash: string): string => `approved a case as it was then (SHA-256 ${hash})`,
    caseClosed: (outcome: string, disclosed: readonly string[]): string =>
      `closed a case (${outcome}), ${disclosed.length === 0 ? "nothing was handed over" : `handed over: ${disclosed.join("; ")}`}`,
    gagSet: (day: string): string => `set the gag of a case to the end of ${day}`,
    gagLifted: "lifted the gag of a case",
    archiveDownloaded: "downloaded the archive of a case",
    archiveErased: "erased the archive of a case when its time was over",
    accountSuspended: (account: string): string => `suspended the account ${account}`,
    accountResumed: (account: string): string => `lifted the suspension of the account ${account}`,
    accountErased: (account: string): string => `erased the account ${account} permanently`,
    accountUnchanged: (account: string): string => `did not finish: the account ${account} stayed as it was`,
    invitesMade: (invites: number, uses: number | undefined, days: number | undefined, label: string): string =>
      `created ${counted(invites, "invite")}${invites === 1 ? "" : ", each"} for ${some(uses, "account")} and ${some(days, "day")}: ${label}`,
    inviteRevoked: (invite: string): string => `revoked the invite ${invite}`,
  },
}

function as(role: string | undefined): string {
  return role === undefined ? "" : `, as ${role}`
}

export const settings = {
  lead: "What has been in force since the server started.",
  notLoaded: "Couldn’t load the settings",
  readOnly: <N>(file: N, isThere: boolean, check: N): readonly (string | N)[] => [
    "Read-only. Change them on the machine, in ",
    file,
    `${isThere ? "" : " (it doesn’t exist yet)"} or with environment variables, which take precedence. Then restart the server. `,
    check,
    " says beforehand whether it will start.",
  ],
  secret: "(a secret, never shown)",
  howToChange: "How to change it",
  lines: (key: string): string => `Lines of nodoor.toml for ${key}`,
  orVariable: <N>(variable: N): readonly (string | N)[] => ["or the variable ", variable],
  byDefault: "default",
  fromFile: "from the file",
  fromVariable: (variable: string): string => `from ${variable}`,
  general: "General",
  email: "E-mail",
}
