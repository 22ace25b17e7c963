// Links of people and invites as they are passed on: without a scheme, in capitals, in brackets, with a full stop behind them, broken over
// two lines, in the middle of a sentence. A link of another server is recognised: the same handle here belongs to somebody else.

export type SharedLink =
  /** A person of this server. The link may let a newcomer in as well. */
  | { readonly type: "person"; readonly handle: string; readonly invite: string | undefined }
  | { readonly type: "invite"; readonly invite: string }
  /** `host` as a person reads it. */
  | { readonly type: "elsewhere"; readonly host: string }

/** What a typed or pasted text means; undefined if it is neither a handle nor such a link. */
export function sharedLink(text: string, serverUrl: string): SharedLink | undefined {
  const plain = plainly(text)
  const found = linkIn(plain, serverUrl)
  if (found !== undefined && found.type !== "elsewhere") return found
  // A mail program broke it over two lines.
  const joined = plain.includes("\n") ? linkIn(plain.replaceAll(/=?\n[>\s]*/g, ""), serverUrl) : undefined
  if (joined !== undefined && joined.type !== "elsewhere") return joined
  return found ?? joined ?? handleIn(plain)
}

/** The place of the app that an address leads to: `/@alice`, `/i/CODE`, `/i/CODE#@alice`. */
export function linkPath(path: string): { readonly invite: string | undefined; readonly handle: string | undefined } {
  const match = pathForms.exec(plainly(path))
  return { invite: match?.groups?.["invite"], handle: handleOf(match?.groups?.["person"] ?? match?.groups?.["invited"]) }
}

const person = "(?:@|%40)(?<person>[a-z0-9._-]+)"
const invite = "i\\/(?<invite>[a-z0-9_-]{1,64})(?:[^\\s#]*#\\/?(?:@|%40)(?<invited>[a-z0-9._-]+))?"
const pathForms = new RegExp(`^\\/(?:${person}|${invite})`, "i")
const linkForms = new RegExp(
  `(?:(?<scheme>https?):\\/\\/)?(?<host>\\[[0-9a-f:]+\\]|(?=.)[\\p{L}\\p{N}](?:[\\p{L}\\p{N}.-]*[\\p{L}\\p{N}])?)(?<port>:\\d{1,5})?\\/(?:${person}|${invite})`,
  "iu",
)

function linkIn(text: string, serverUrl: string): SharedLink | undefined {
  const groups = linkForms.exec(text)?.groups
  if (groups === undefined) return undefined
  const { scheme, host = "", port = "" } = groups
  const handle = handleOf(groups["person"] ?? groups["invited"])
  const code = groups["invite"]
  if (handle === undefined && code === undefined) return undefined
  if (!isSameServer({ scheme, host: host + port }, serverUrl)) return { type: "elsewhere", host: (host + port).toLowerCase() }
  return handle === undefined ? { type: "invite", invite: code ?? "" } : { type: "person", handle, invite: code }
}

/** Alone, or the only one of a sentence. */
function handleIn(text: string): SharedLink | undefined {
  const alone = /^[("'<[\s]*@?\s*([a-z0-9._-]+)[\s)"'>\],;:!?]*$/i.exec(text)?.[1]
  const named = Array.from(text.matchAll(/(?<![\p{L}\p{N}_.@/-])@([a-z0-9._-]+)/giu), ([, name]) => name)
  const handle = handleOf(alone ?? (named.length === 1 ? named[0] : undefined))
  return handle === undefined ? undefined : { type: "person", handle, invite: undefined }
}

/** A handle in small letters. A full stop at its end is the sentence's. */
function handleOf(written: string | undefined): string | undefined {
  const handle = written?.toLowerCase().replace(/\.+$/, "")
  return handle !== undefined && /^[a-z0-9._-]{3,32}$/.test(handle) ? handle : undefined
}

/** Signs that are wider or cannot be seen come with a paste. */
function plainly(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu, "")
    .replaceAll(/\r\n?/g, "\n")
    .trim()
}

const ownMachine = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

function isSameServer(link: { readonly scheme: string | undefined; readonly host: string }, serverUrl: string): boolean {
  const server = URL.parse(serverUrl)
  const url = URL.parse(`${link.scheme?.toLowerCase() ?? server?.protocol.replace(":", "") ?? "https"}://${link.host}`)
  if (server === null || url === null) return false
  const port = (one: URL): string => (one.port === "" ? (one.protocol === "http:" ? "80" : "443") : one.port)
  const sameHost = url.hostname === server.hostname || (ownMachine.test(url.hostname) && ownMachine.test(server.hostname))
  // A link without a scheme, or with http, means the same server at its default port.
  return sameHost && (port(url) === port(server) || (url.port === "" && server.port === ""))
}
