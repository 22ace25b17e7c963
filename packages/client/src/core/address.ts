// How a person is named beyond doubt. A file of its own, and an entry of the package, because the web app's page loads it without the rest.

/** `@bob` if the log proved it, else `#` and the account's mark. No name is shown with an `@` or a `#` in it and nothing of this behind it. */
export function addressOf(person: { readonly handle?: string | undefined; readonly mark: string }): string {
  return person.handle === undefined ? `#${person.mark}` : `@${person.handle}`
}
