// The frame of the console, what goes wrong between it and the server, and how people get in.

export const frame = {
  windowTitle: (page: string): string => `${page} · Nodoor operator’s console`,
  brand: "operator’s console",
  navigation: "Console",
  skip: "Skip to content",
  more: "More",
  signOut: "Sign out",
  pages: {
    overview: "Overview",
    cases: "Cases",
    accounts: "Accounts",
    invites: "Invites",
    people: "People",
    log: "Log",
    settings: "Settings",
  },
  public: "What is public",
  loadedBefore: "What you see was loaded before.",
  notDone: "Couldn’t do this.",
  copyLink: "Copy link",
  linkCopied: "Link copied.",

  /** What each page cannot show, because the server does not have it. Fixed: no state of the server changes a word of it. */
  blind: {
    overview: "These are counts of encrypted messages. Nothing on this server can open one, and nobody signed in here can.",
    cases: "Nothing can add content to a case: this server has none, and no key to any.",
    accounts: "Not visible here: messages, contacts, groups, profile names, and who writes to whom.",
    invites: "Not visible here: the links themselves, because the server keeps only hashes, and who an invited person writes to.",
    people: "No role can read a message, add a device to an account, or hand over what the server doesn’t have.",
    log: "This is what people did in the console and at the desk. What users write, and to whom, is in no log.",
    settings: "No setting can open a message or add a reader. Secrets are named here, but never shown.",
  },

  wrong: {
    tooLarge: "This is more than the server accepts at once.",
    offline: "The server didn’t answer. If you were changing something, check whether it was done before you try again.",
    badRequest: "The server doesn’t understand this page. Reload it: the page and the server may be different versions.",
    unauthorized: "You’re no longer signed in.",
    notFound: "Not found. It may have been removed.",
    unavailable: "The server can’t write right now. Nothing was done. Try again in a moment.",
    internal: "Something went wrong on the server; its log says what. Check whether anything was done before you try again.",
    rateLimited: (seconds: number): string => `Too many tries. Try again in ${seconds} s.`,
    refused: (code: string): string => `The server refused: ${code}.`,
    strange:
      "This answer isn’t from this server, or is from another version of it. Reload the page. If that doesn’t help, check what stands in front of the server.",
    caseChanged: "The case has changed since you opened it. Read it again, then approve it.",
  },

  passkey: {
    notMade: "The browser couldn’t create the passkey.",
    notUsed: "The browser couldn’t use the passkey.",
    /** By the names of DOM exceptions that WebAuthn uses. */
    failures: {
      NotAllowedError: "No passkey was used: the prompt was closed, or it took too long. Nothing was done.",
      AbortError: "No passkey was used. Nothing was done.",
      InvalidStateError: "This device or key already has a passkey of yours for this server.",
      SecurityError: "The browser only allows passkeys under the server’s own name.",
      NotSupportedError: "This device or key can’t create a kind of passkey that the server accepts.",
    },
    insecure: "Passkeys need a secure connection. Open this page with https://, or as localhost on the server’s own machine.",
    unsupported: "This browser doesn’t support passkeys. Use a current version of Chrome, Edge, Firefox or Safari.",
    address: "Passkeys belong to a name, but this page was opened by an IP address.",
    open: <N>(link: N): readonly (string | N)[] => ["Open ", link],
    noName: <N>(variable: N): readonly (string | N)[] => [
      "The server has no name yet. Set one with ",
      variable,
      ", or open the console as localhost on the server’s own machine.",
    ],
  },

  enter: {
    foot: "Nobody who signs in here can read a message, or let in anyone who could.",
    requests: "What authorities asked this server",
    signIn: "Sign in",
    signedOut: "You were signed out",
    signedOutWhy: "You did nothing for a while, or the server was restarted.",
    draftKept: "What you typed for the new case is still here.",
    how: "Use the passkey you created for this server. There is no password.",
    withPasskey: "Sign in with a passkey",
    noPasskey: <N>(command: N): readonly (string | N)[] => [
      "No passkey yet? An owner can send you a link. The first link comes from the server’s command line: ",
      command,
      ".",
    ],

    invitation: "Your invitation",
    noAnswer: "The server didn’t answer",
    deadLink: "This link doesn’t work",
    deadLinkWords: "A link works once, for one day. Ask the person who sent it for a new one.",
    signInInstead: "Sign in instead",
    makePasskey: "Create your passkey",
    byMachine: "Someone on the server’s own machine",
    invited: <N>(invitation: {
      readonly by: string | N
      readonly host: N
      readonly name: N
      readonly role: N
      readonly does: string
    }): readonly (string | N)[] => [
      invitation.by,
      " invited you to the console of ",
      invitation.host,
      " as ",
      invitation.name,
      ". Your role: ",
      invitation.role,
      `. ${invitation.does}`,
    ],
    ownLink: <N>(invitation: { readonly host: N; readonly name: N; readonly role: N; readonly does: string }): readonly (string | N)[] => [
      "You created this link for the console of ",
      invitation.host,
      ", as ",
      invitation.name,
      ". Your role: ",
      invitation.role,
      `. ${invitation.does}`,
    ],
    replaces: "This passkey replaces every passkey and key you had here.",
    firstPasskey: "My first passkey",
    passkeyName: "Passkey name",
    passkeyExample: "For example: laptop",
    passkeyHint: "So that you can tell it from others later.",
    make: "Create passkey",
  },
}
