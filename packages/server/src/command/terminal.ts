// Where `nodoor-server` writes: results on standard output, status messages on standard error. Control characters are made visible.

import process from "node:process"
import { halfBlocks, visible } from "@nodoor/wire/terminal"
import { encodeQR } from "qr"

/** A result. */
export function say(text: string): void {
  process.stdout.write(`${visible(text)}\n`)
}

/** A status message or an error. */
export function complain(text: string): void {
  process.stderr.write(`${visible(text)}\n`)
}

export function sayQr(text: string): void {
  const modules = encodeQR(text, "raw", { border: 2, ecc: "low" })
  process.stdout.write(`${halfBlocks(modules, { colour: process.stdout.isTTY })}\n`)
}
