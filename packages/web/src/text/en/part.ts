// Buttons, states and days, in the app and in the operator's console.

export const part = {
  /** The language of this catalogue, and the region whose date format is used when the reader's own is unknown. */
  language: "en",
  locale: "en-GB",

  product: "Nodoor",
  back: "Back",
  cancel: "Cancel",
  close: "Close",
  dismiss: "Dismiss",
  loading: "Loading",
  optional: "(optional)",
  tryAgain: "Try again",
  copyRefused: "Your browser blocked copying. Select the text and copy it by hand.",
  notLoaded: "Couldn’t load this.",
  unexpected: "Something went wrong. Try again.",

  today: "Today",
  yesterday: "Yesterday",

  mishap: {
    notShown: "This browser couldn’t show the page. Reload it, or use a current version of Chrome, Edge, Firefox or Safari.",
    title: "Something went wrong on this page",
    words: "Everything stored is still there. Reload the page to continue.",
    reload: "Reload",
  },

  link: {
    title: "Open this link?",
    open: "Open",
    words: "The text of this link doesn’t show its address. It leads to:",
  },
}
