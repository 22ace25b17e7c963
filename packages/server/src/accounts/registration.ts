// Registration: who may, with which e-mail address, and the first state of the account's chain.

import { CodecError, toUtf8 } from "@nodoor/bytes"
import {
  KeylogError,
  decodeSignedAccountState,
  encodeVerifiedAccountState,
  type VerifiedAccountState,
  verifyAccountState,
  verifyHandleBinding,
} from "@nodoor/keylog"
import { type RegisterRequest, WireError, checkInvite, emailCode, register, serverInfo } from "@nodoor/wire"
import { serverCrypto, sha256 } from "../core/crypto.ts"
import type { Clock, Log, Mailer, Random } from "../core/ports.ts"
import type { Store } from "./store/store.ts"
import { callerOf } from "../core/address.ts"
import { type Handler, openRoute } from "../route/handler.ts"
import { createEmailCodes } from "./email-code.ts"
import type { AccountServiceOptions } from "./options.ts"
import type { RateLimit } from "../route/rate-limit.ts"

export interface RegistrationPorts {
  readonly store: Pick<Store, "registerAccount" | "isInvite">
  readonly clock: Clock
  readonly random: Random
  readonly mailer: Mailer
  readonly rateLimit: RateLimit
  readonly log: Log
}

export function registrationRoutes(ports: RegistrationPorts, options: AccountServiceOptions): Handler[] {
  const codes = createEmailCodes(ports)

  const sendCode = async (email: string, address: string): Promise<void> => {
    if (options.email.mode === "none") throw new WireError("bad_request", "this server does not use e-mail addresses")
    checkDomain(email, options)
    ports.rateLimit.take("emailCode", callerOf(address))
    ports.rateLimit.take("emailRecipient", email.toLowerCase())
    const code = codes.issue(email)
    try {
      await ports.mailer.sendCode({ to: email, code, origin: options.origin })
    } catch {
      ports.log("error", "mail_failed")
      throw new WireError("unavailable", "the e-mail could not be sent", { retryAfterMs: 60_000 })
    }
  }

  return [
    openRoute(serverInfo, async () => ({
      origin: options.origin,
      version: options.version,
      registration: options.registration,
      email: options.email.mode,
      ipDays: options.ipDays,
      messageDays: options.messageDays,
      inactiveDays: options.inactiveDays ?? 0,
      ...(options.readHost !== undefined && { readHost: options.readHost }),
      ...(options.postHost !== undefined && { postHost: options.postHost }),
    })),
    openRoute(emailCode, async ({ email }, { address }) => {
      await sendCode(email, address)
      return {}
    }),
    openRoute(checkInvite, async ({ invite }, { address }) => {
      ports.rateLimit.take("invite", callerOf(address))
      const codeHash = sha256(toUtf8(invite))
      if (options.registration === "invite" && !(await ports.store.isInvite({ codeHash, nowMs: ports.clock.nowMs() })))
        throw new WireError("invite_invalid")
      return {}
    }),
    openRoute(register, async (request, { address }) => {
      ports.rateLimit.take("register", callerOf(address))
      checkMode(request, options)
      const { account, accountId } = verifyGenesis(request, options.origin)
      if (request.email !== undefined) codes.check(request.email, request.emailCode ?? "", accountId)
      await ports.store.registerAccount({
        accountId,
        handle: request.handle,
        holderName: request.name,
        email: request.email,
        inviteHash: options.registration === "invite" ? sha256(toUtf8(request.invite ?? "")) : undefined,
        genesis: request.genesis,
        stateHash: account.stateHash,
        verifiedState: encodeVerifiedAccountState(account),
        handleBinding: request.handleBinding,
        devices: account.state.devices.map(({ deviceId, signatureKey }) => ({ deviceId, signatureKey })),
        nowMs: ports.clock.nowMs(),
        address: options.ipDays === 0 ? undefined : address,
        accountsMax: options.accountsMax ?? 0,
      })
      return { accountId }
    }),
  ]
}

function checkMode(request: RegisterRequest, options: AccountServiceOptions): void {
  if (options.registration === "closed") throw new WireError("registration_closed")
  if (options.registration === "invite" && request.invite === undefined) throw new WireError("invite_required")
  if (request.email === undefined) {
    if (options.email.mode === "required") throw new WireError("email_required")
    return
  }
  if (options.email.mode === "none") throw new WireError("bad_request", "this server does not use e-mail addresses")
  checkDomain(request.email, options)
}

function checkDomain(email: string, { email: { domains } }: AccountServiceOptions): void {
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase()
  if (domains.length > 0 && !domains.includes(domain)) throw new WireError("email_domain_refused")
}

function verifyGenesis(
  { genesis, handle, handleBinding }: RegisterRequest,
  origin: string,
): { readonly account: VerifiedAccountState; readonly accountId: Uint8Array } {
  return accountRules(() => {
    const { accountId } = decodeSignedAccountState(genesis).state
    const account = verifyAccountState(serverCrypto, { previous: undefined, next: genesis, origin, accountId })
    verifyHandleBinding(serverCrypto, { binding: handleBinding, origin, handle, states: [account] })
    return { account, accountId }
  })
}

/** Runs checks of the account chain; the rule that is broken stands in the message. @throws WireError `account_state_invalid` */
export function accountRules<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof KeylogError || error instanceof CodecError) throw new WireError("account_state_invalid", error.message)
    throw error
  }
}
