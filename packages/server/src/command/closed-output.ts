// The reader of our output may go away, as with `npm start | head` or a closed terminal. A server goes on serving, a command finishes.

import process from "node:process"

export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", noteUnwritten)
}

/** Nothing is lost when nobody reads any more. Any other error, such as a full disk under a redirected output, makes the command fail. */
function noteUnwritten({ code }: NodeJS.ErrnoException): void {
  if (code !== "EPIPE" && code !== "EIO") process.exitCode = 1
}
