// Keys of the people who decide. Each keeps the private half in a file of their own, best on a USB stick they take home. The desk
// knows the public halves.

import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"
import { CodecError, fromBase64, toBase64 } from "@nodoor/bytes"
import { type SigningKey, signingKey } from "../../keylog/keeper/log-keys.ts"
import type { Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"

const heading = "nodoor operator key, keep it to yourself"

/** Makes a new file that only its owner reads. @throws ServerError `desk_refused` if there is a file already */
export function createOperatorKey(path: string, random: Random): SigningKey {
  const seed = random(32)
  let file: number
  try {
    file = openSync(path, "wx", 0o600)
  } catch (error) {
    throw new ServerError("desk_refused", `${path} can't be created. A key file never replaces another file, so choose a new path.`, {
      cause: error,
    })
  }
  try {
    writeSync(file, `${heading}\n${toBase64(seed)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  chmodSync(path, 0o600)
  return signingKey(seed)
}

/** @throws ServerError `desk_refused` */
export function readOperatorKey(path: string): SigningKey {
  try {
    const [first, secret = ""] = readFileSync(path, "utf8").split("\n")
    const seed = fromBase64(secret)
    if (first === heading && seed.length === 32) return signingKey(seed)
  } catch (error) {
    if (!(error instanceof CodecError) && (error as NodeJS.ErrnoException).code === undefined) throw error
  }
  throw new ServerError("desk_refused", `${path} is not an operator key. Make one with nodoor-server desk key FILE.`)
}
