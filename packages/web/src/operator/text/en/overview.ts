// The first page: the state of the server.

import { counted, numeral } from "../../../text/en/amounts.ts"

export const overview = {
  asOf: (origin: string, clock: string): string => `${origin}, as of ${clock}.`,
  refresh: "Refresh",
  notLoaded: "Couldn’t load the overview",

  checks: {
    levels: { bad: "Not working", warn: "Needs attention", note: "Worth knowing", ok: "Fine" },
    all: (n: number): string => `All ${counted(n, "check")}`,
    others: (n: number): string => `${counted(n, "other check")}, all fine`,
    bad: (bad: number, warn: number): string =>
      `${bad === 1 ? "One thing isn’t working." : `${numeral(bad)} things aren’t working.`}${
        warn === 0 ? "" : warn === 1 ? " One more needs attention." : ` ${numeral(warn)} more need attention.`
      }`,
    warn: (warn: number): string =>
      warn === 1 ? "Running. One thing needs attention." : `Running. ${numeral(warn)} things need attention.`,
    ok: "Everything is working.",
  },

  figures: {
    cases: "Open cases",
    toApprove: (n: number): string => `${numeral(n)} to approve`,
    toAnswer: (n: number): string => `${numeral(n)} to answer`,
    noCases: "none is waiting for anyone",
    accounts: "Accounts",
    suspended: (n: number): string => `${numeral(n)} suspended`,
    erased: (n: number): string => `${numeral(n)} erased`,
    allActive: "all active",
    connected: "Devices connected",
    connectedHint: "right now",
    waiting: "Messages waiting",
    allFetched: "everything was fetched",
    toFetch: (size: string): string => `${size}, all encrypted`,
    joined: (parts: readonly string[]): string => parts.join(", "),
  },

  queue: {
    title: "Waiting for devices",
    groups: "Conversations",
    size: "Size",
    oldest: "Oldest",
    none: "nothing is waiting",
    from: (day: string): string => `from ${day}`,
    hint: "Each one is erased when the last device has fetched it. The server notes the day in which it came, not the hour. Nothing here says whose conversations these are.",
  },

  canary: {
    card: "Said in public",
    title: "Canary",
    fresh: "Fresh",
    expired: "Expired",
    none: "None",
    expires: "Expires on",
    expiredOn: "Expired on",
    freshWords: "It is signed by hand, away from this server: nodoor-server canary sign.",
    expiredWords: "People’s apps show that it expired. If you don’t mean that, sign a new one: nodoor-server canary sign.",
    noneWords: "Nobody has signed one here. Create the first with nodoor-server canary sign.",
  },

  storage: {
    title: "Storage",
    free: "Free on the disk",
  },

  versions: {
    title: "Backup and versions",
    backup: "Last backup",
    noBackup: "None known",
    backupAgo: (span: string, files: number | undefined): string =>
      files === undefined ? `${span} ago` : `${span} ago, ${counted(files, "file")}`,
    version: "Version",
    running: "Running for",
    schema: (n: number): string => `schema ${n}`,
    backupHint: "nodoor-server backup DIRECTORY makes one while the server runs.",
  },

  keyLog: {
    title: "Key log",
    states: { running: "Running", waiting: "Waiting", refused: "Stopped" },
    published: "Published",
    nothingYet: "nothing yet",
    ago: (span: string): string => `${span} ago`,
    entries: "Entries",
    notYet: "Not in it yet",
    nothingWaits: "nothing is waiting",
    witnesses: "Witnesses",
    noWitnesses: "None. Nobody else confirms that everyone sees the same log. docs/operating.md says how to ask someone.",
    quorum: (n: number): string => `${numeral(n)} must sign before an entry counts.`,
    auditors: "Auditors",
    noAuditors: "None. Nobody replays the log from outside.",
    signedOf: (signed: number, all: number): string => `${signed} of ${all} signed`,
    signed: "signed",
    notSigned: "hasn’t signed",
  },
}
