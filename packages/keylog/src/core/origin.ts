// An origin names a log for ever: `<host>/kt/1` (c2sp.org/tlog-checkpoint "origin"). It is also the name of the log's note key.

/** 1 to 255 printable ASCII characters without space or plus, which a note's key name may not hold (c2sp.org/signed-note). */
export function isOriginText(text: string): boolean {
  return /^[!-*,-~]{1,255}$/.test(text)
}
