// Which of two sites a request is for. With a name of its own, the console is served there and nowhere else, and nothing of the messenger
// is: a browser then keeps the two apart as it keeps any two sites apart.

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

/** `consoleOrigin`: `host` or `host:port`; undefined if the console stands beside the messenger. */
export function createSites(consoleOrigin: string | undefined): Sites {
  const isConsole = (host: string | undefined): boolean => consoleOrigin !== undefined && host?.toLowerCase() === consoleOrigin
  return {
    isConsole,
    serves: (host, path) => {
      if (consoleOrigin === undefined || ofBoth.test(path)) return true
      return ofConsole.test(path) === isConsole(host)
    },
  }
}
