// Whoever reads our output may go away: `npm start | head`, a terminal that was closed. A server goes on serving, a command finishes.

import process from "node:process"

export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", noteUnwritten)
}

/** Nobody reads any more: nothing is lost. Anything else, such as a full disk under a redirected output, is a failure of the command. */
function noteUnwritten({ code }: NodeJS.ErrnoException): void {
  if (code !== "EPIPE" && code !== "EIO") process.exitCode = 1
}
