// The account service and the key log's routes behind one dispatcher, without a transport. `http/` puts sockets in front of the same parts,
// a simulation puts a virtual network in front of this.

import { type AccountService, type AccountServicePorts, createAccountService } from "../accounts/account-service.ts"
import type { AccountServiceOptions } from "../accounts/options.ts"
import { logRoutes } from "../keylog/log-routes.ts"
import type { KeyLog } from "../keylog/log-service.ts"
import type { Dispatcher } from "../route/dispatch.ts"
import type { Handler } from "../route/handler.ts"
import { createProtocol } from "../route/protocol.ts"

export interface ServerCore
  extends
    Dispatcher,
    Pick<
      AccountService,
      "options" | "tokenKeys" | "sweep" | "settled" | "changeAccount" | "noticeAccountChanges" | "devicesSignedIn" | "close"
    > {}

export interface ServerCorePorts extends Omit<AccountServicePorts, "accountsChanged"> {
  /** The key log; without it its routes do not exist. */
  readonly keyLog?: KeyLog | undefined
  /** Routes of further services. */
  readonly more?: ((accounts: AccountService) => readonly Handler[]) | undefined
}

/** @throws ServerError from the store */
export async function createServerCore(ports: ServerCorePorts, options: AccountServiceOptions): Promise<ServerCore> {
  const { clock, log, meter, keyLog, more } = ports
  const accounts = await createAccountService(
    { ...ports, accountsChanged: () => keyLog?.changed(), loggedTokenKey: ports.loggedTokenKey ?? keyLog?.tokenKey },
    options,
  )
  const { rateLimit, sessions, appendState } = accounts
  const routes = [
    ...accounts.routes,
    ...(keyLog === undefined ? [] : logRoutes({ keyLog, rateLimit, appendState })),
    ...(more === undefined ? [] : more(accounts)),
  ]
  return { ...accounts, ...createProtocol({ clock, log, meter, rateLimit, sessions }, routes) }
}
