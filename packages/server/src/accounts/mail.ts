// Codes by e-mail: through the operator's SMTP server, or, while none is configured, into files of the outbox for development.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createTransport } from "nodemailer"
import type { Clock, Mailer, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import { toHex } from "@nodoor/bytes"

interface MailOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly smtpUrl: string
  /** Sender's address. */
  readonly from: string
}

type Message = Parameters<Mailer["sendCode"]>[0]

export function createSmtpMailer({ smtpUrl, from }: MailOptions): Mailer {
  const transport = createTransport(smtpUrl, { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 } as object)
  return {
    sendCode: async (message) => {
      try {
        await transport.sendMail({ from, to: { name: "", address: message.to }, subject: subjectOf(message), text: textOf(message) })
      } catch (error) {
        throw new ServerError("mail_failed", "The SMTP server did not accept the message.", { cause: error })
      }
    },
  }
}

/** Each message becomes a file for the developer. Its name contains only the time and random digits. */
export function createOutboxMailer(directory: string, ports: { readonly clock: Clock; readonly random: Random }): Mailer {
  return {
    sendCode: async (message) => {
      const name = `${ports.clock.nowMs()}-${toHex(ports.random(4))}.eml`
      const lines = [`To: ${message.to}`, `Subject: ${subjectOf(message)}`, "Content-Type: text/plain; charset=utf-8", "", textOf(message)]
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeFileSync(join(directory, name), lines.join("\r\n"), { mode: 0o600, flag: "wx" })
      } catch (error) {
        throw new ServerError("mail_failed", "The outbox can't be written. Check its permissions and the free space.", { cause: error })
      }
    },
  }
}

function subjectOf({ origin }: Message): string {
  return `Your code for ${origin}`
}

function textOf({ code, origin }: Message): string {
  return `${code}\r\n\r\nEnter this code to register at ${origin}. It is good for 15 minutes.\r\nIf you did not ask for it, ignore this message: nothing happens without the code.\r\n`
}
