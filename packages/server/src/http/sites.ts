// Which site a request is for. With a name of its own, the console is served there and nowhere else, and nothing of the messenger is: a browser
// then keeps the two apart as it keeps any two sites apart. Names of their own for reading and for posting carry these streams, blobs, and nothing else.

import { blobDownloadPath, blobExtendPath, blobUploadPath, postPath, readPath } from "@nodoor/wire/delivery"

export interface Sites {
  /** Whether the path is served under the name in the request's `Host`. */
  serves(host: string | undefined, path: string): boolean
  /** Whether the name is the console's own. */
  isConsole(host: string | undefined): boolean
}

/** The console's page and routes. */
const ofConsole = /^\/(?:operator(?:\/.*|\.html)?|v1\/operator\/.*)$/
/** What both sites need: parts of their pages, what is public of requests, and what machines look at. */
const ofBoth = /^\/(?:assets\/.*|icon\.svg|robots\.txt|transparency(?:\.css|\.json)?|healthz|readyz|metrics)$/

/** Names as `host` or `host:port`; undefined for those that have none of their own. */
export interface OwnNames {
  readonly console?: string | undefined
  readonly read?: string | undefined
  readonly post?: string | undefined
}

export function createSites(names: OwnNames): Sites {
  const isConsole = (host: string | undefined): boolean => names.console !== undefined && host?.toLowerCase() === names.console
  const streamNames = new Map<string, string>()
  if (names.read !== undefined) for (const path of [readPath, blobDownloadPath]) streamNames.set(path, names.read)
  if (names.post !== undefined) for (const path of [postPath, blobUploadPath, blobExtendPath]) streamNames.set(path, names.post)
  const ownNames = new Set(streamNames.values())
  return {
    isConsole,
    serves: (host, path) => {
      const name = host?.toLowerCase()
      const streamName = streamNames.get(path)
      if (streamName !== undefined) return name === streamName
      if (name !== undefined && ownNames.has(name)) return false
      if (names.console === undefined || ofBoth.test(path)) return true
      return ofConsole.test(path) === isConsole(host)
    },
  }
}
