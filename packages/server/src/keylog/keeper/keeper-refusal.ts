// What stops the log until an operator acts.

import { ServerError } from "../../core/server-error.ts"

export function raced(): ServerError {
  return new ServerError("log_raced", "Another process is writing to this log. Stop one of them: a log must have only one signer.")
}

export function behindWitness(own: number, known: number): ServerError {
  return new ServerError(
    "log_behind_witness",
    `A witness has signed this log at size ${known}, and here it has ${own}: an old backup was restored. Nothing will be signed. Restore the newest copy of the data directory, or end this log and begin another under a new origin.`,
  )
}
