// What can go wrong between the app and the browser it runs in. The worker loads these too.

export const host = {
  unexpected: "Something went wrong.",
  noAccount: "No account is open in this browser. Reload the page.",
  notStarted: "Part of the app didn’t load. Check your connection and try again.",
  changedTabs: "Another tab took over while this was in progress. Check whether it worked before you try again.",
  alreadyRegistered: "This browser already has an account.",
  /** "Firefox on Windows". */
  device: { browser: "Browser", name: (browser: string, system: string): string => `${browser} on ${system}` },
  noKeyStorage: "This browser won’t let Nodoor keep its key (IndexedDB). Allow site data for this page, then reload it.",
  keyUnreadable: "Couldn’t open the key to the messages in this browser. Restart the browser, then try again.",

  /** What a browser can lack. */
  missing: {
    secureConnection: "A secure connection: open this page with https:// or on localhost",
    storage: "Permission to store data: allow cookies and site data for this page, then reload it",
    files: "Private file storage (OPFS)",
    locks: "Web Locks",
    crypto: "Web Cryptography",
    channels: "Broadcast channels between tabs",
    webAssembly: "WebAssembly (some lockdown modes turn it off)",
    database: "IndexedDB",
    recent: "A browser version from 2024 or later",
  },
}
