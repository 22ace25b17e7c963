// The closed lists of the protocol.

export const terms = {
  roles: {
    owner: { name: "Owner", one: "an owner", does: "Owners can do everything here and decide who else can act." },
    operator: { name: "Operator", one: "an operator", does: "Operators handle cases, accounts and invites." },
    reviewer: { name: "Reviewer", one: "a reviewer", does: "Reviewers see everything here and approve cases." },
  },
  instruments: {
    court_order: "Court order",
    search_warrant: "Search warrant",
    production_order: "Production order",
    subpoena: "Subpoena",
    mutual_assistance: "Mutual legal assistance",
    emergency_request: "Emergency request",
    preservation_request: "Preservation request",
    other: "Something else",
  },
  /** The same, as the choices of a form. */
  instrumentChoices: {
    court_order: "Court order",
    search_warrant: "Search warrant",
    production_order: "Production order",
    subpoena: "Subpoena",
    mutual_assistance: "Mutual legal assistance",
    emergency_request: "Emergency request: a life is at stake",
    preservation_request: "Preservation request: keep data, don’t hand it over yet",
    other: "Something else: a letter, a phone call, a request without a legal instrument",
  },
  classes: {
    holder_name: "Account holder’s name",
    email: "E-mail address",
    ip_addresses: "IP addresses used, each with first and last time",
    created: "When the account was created",
    last_seen_day: "The four weeks in which it was last seen",
    device_count: "Number of devices",
    content: "Content of messages, files or calls",
    capability: "A way to read along: a key, a hidden device, a changed app",
    contacts: "Contacts, groups, who talks to whom",
  },
  /** Why a class cannot be handed over; the archive says it with the account's own facts. */
  impossible: {
    content: "It exists only on people’s devices. What passes through here is encrypted for them and erased once fetched.",
    capability: "There is no key here, and no device can be added unseen: one of the person’s own devices must sign a new one.",
    contacts: "It isn’t held. Nothing on this server leads from an account to a conversation; the archive says how anybody can check that.",
  },
  outcomes: {
    rejected: "Refused",
    challenged: "Challenged",
    partial: "Handed over in part",
    full: "Handed over",
    withdrawn: "Withdrawn",
  },
}
