// The form that records a request from an authority.

import { counted } from "../../../text/en/amounts.ts"

export const request = {
  lead: "Record the request as it is written, whatever it asks for. Saving it reserves its place in the public log.",
  reviewer: "Operators and owners open cases. You’re a reviewer.",
  saved: "Recorded. Two people must approve it.",
  save: "Save case",
  clear: "Clear form",
  toCheck: (fields: number): string => `Check ${fields === 1 ? "one field" : `${fields} fields`} above.`,

  who: "Who asks",
  authority: "Authority",
  authorityHint: "Its full name, as on the document.",
  country: "Country",
  countryEmpty: "Choose a country",
  reference: "Reference",
  referenceHint: "As on the document.",
  right: "Legal grounds",
  instrument: "Instrument",
  instrumentEmpty: "Choose the kind of request",
  legalBasis: "Legal basis",
  legalBasisHint: "The law and section that it names.",
  issued: "Issued",
  received: "Received",
  about: "Who it is about",
  accounts: "Accounts",
  accountsExample: "@handle",
  accountsHint: (n: number): string =>
    `${n === 0 ? "None named yet" : `${counted(n, "account")} named`}. Enter handles with their @, or account IDs. You can’t search.`,
  bulkReason: "Why so many",
  bulkReasonHint: "More than ten accounts in one request need a reason. It stays with the case.",
  asks: "What it asks for",
  silence: "Gag order",
  gagUntil: "The people named must not be told until",
  gagHint: (days: number): string =>
    `The last day of the gag, if the document orders one. At most ${counted(days, "day")}. They’re told the day after, and the notice opens then.`,

  held: "What this server has",
  notCovered: "This instrument doesn’t cover it. It won’t be handed over.",
  impossible: "What doesn’t exist here",
  impossibleHint: (why: string): string => `${why} Will be answered with the technical statement.`,
  selectAll: "Select everything the request asks for.",
  coversUnknown: "Choose an instrument to see what it covers.",
  coversAll: "By the rules of this desk, the instrument covers everything this server has.",
  coversNothing: "By the rules of this desk, the instrument covers nothing. The request will be answered, and refused.",
  covers: (covered: number, held: number): string =>
    `By the rules of this desk, the instrument covers ${covered} of the ${held} kinds of data this server has.`,
  /** What becomes of what was selected. */
  summary: (granted: number, beyond: number, impossible: number): string =>
    [
      granted > 0 ? `${counted(granted, "kind")} can be handed over` : "Nothing can be handed over",
      ...(beyond > 0 ? [`${counted(beyond, "kind")} not covered by the instrument`] : []),
      ...(impossible > 0 ? [`${impossible} answered with the technical statement`] : []),
    ].join(", ") + ".",

  wrong: {
    authority: "Enter who asks.",
    country: "Choose the country of the authority.",
    instrument: "Choose the kind of request.",
    legalBasis: "Enter the law it is based on.",
    reference: "Enter the authority’s file number.",
    issued: "Enter the date on the document.",
    received: "Enter the date it came.",
    receivedEarly: "It can’t have come before it was issued.",
    receivedLate: "This date is in the future.",
    bulkReason: (max: number): string => `More than ${counted(max, "account")} need a reason.`,
    classes: "Select at least one: what does the request ask for?",
    tooLong: (max: number, length: number): string => `At most ${counted(max, "character")}. This has ${length}.`,
    invisible: "This contains invisible characters, perhaps from a copied document. Type it by hand.",
    dayForm: "Enter the date as year-month-day.",
    gagEarly: "The gag would end before the request came.",
    gagLate: (days: number, last: string): string =>
      `At most ${counted(days, "day")} after the request came, until ${last}. Once the case is closed, nodoor-server desk gag can extend it.`,
    accounts: "Enter the accounts it is about.",
    notAccounts: (words: readonly string[], more: number): string =>
      `${words.map((word) => `“${word}”`).join(", ")}${more > 0 ? ` and ${more} more` : ""}: enter a handle with its @, or the 32 digits of an account ID. Names, numbers and patterns don’t name an account.`,
    tooManyAccounts: (max: number): string => `At most ${counted(max, "account")}. A larger request isn’t about named people.`,
  },
}
