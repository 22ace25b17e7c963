// Who can act in the console.

export const people = {
  lead: "Who can act here. A case needs two of them, whatever their roles.",
  invite: "Invite a person",
  notOwner: (role: string): string => `Owners decide who can act here, and as what. You’re ${role}.`,
  notLoaded: "Couldn’t load the people",
  alone: "With one person here, no case can be approved: two different people must sign. Invite someone.",
  pending: "Unused links",
  former: "No longer here",
  formerUntil: <N>(name: N, role: string, day: string): readonly (string | N)[] => [name, `, ${role} until ${day}`],

  you: "(you)",
  since: (does: string, day: string): string => `${does} Here since ${day}.`,
  signsInWith: (name: string): string => `How ${name} signs in`,
  passkey: "Passkey",
  key: "Key for the command line",
  notUsed: "not used yet",
  lastUsed: (when: string): string => `last used ${when}`,
  nothing: "Nothing yet.",
  addPasskey: "Add another passkey",
  changeRole: "Change role…",
  remove: "Remove…",

  role: {
    title: (name: string): string => `Role of ${name}`,
    own: "Your role",
    legend: "Role",
    confirm: "Change with a passkey",
    done: (name: string, role: string): string => `${name} is now ${role}.`,
  },
  removal: {
    title: (name: string): string => `Remove ${name}?`,
    own: "Remove yourself?",
    words:
      "Their passkeys and keys stop working at once, and their approvals of open cases no longer count. Someone who was removed can’t come back under the same name. What they did stays in the log.",
    confirm: "Remove with a passkey",
    done: (name: string): string => `${name} can no longer act here.`,
  },

  link: {
    own: "Open this on your other device",
    send: (name: string): string => `Send this link to ${name}`,
    words: (span: string): string => `It works once, for ${span}, and is shown only here.`,
    danger: "Whoever opens it first becomes this person, so send it in a way that only they can read.",
    qr: "The link as a QR code",
    done: "Done",
  },

  form: {
    name: "Name",
    nameMissing: "Enter a name.",
    nameForm: "Use letters, digits, spaces, dots and hyphens, at most 64 of them.",
    nameHint: "The name that the others here know. It stays in the log.",
    make: "Create link",
  },

  waiting: {
    words: (role: string, span: string): string => `${role} · the link works for another ${span}`,
    takeBack: "Withdraw",
    takenBack: "Withdrawn. The link no longer works.",
    recovery: <N>(name: N, when: string): readonly (string | N)[] => [
      name,
      ` is being recovered from the server’s own command line. From ${when}, a link can replace everything they sign in with. If they didn’t ask for it, someone else is on the machine.`,
    ],
    recoveryOwner: "Withdraw the link.",
    recoveryOther: "Ask an owner to withdraw the link.",
  },
}
