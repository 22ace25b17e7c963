// The server without a transport: delivery and the key log's routes behind one dispatcher. `http/` puts sockets in front of the same parts,
// a simulation puts a virtual network in front of this.

import { type Delivery, type DeliveryPorts, createDelivery } from "../delivery/delivery.ts"
import type { DeliveryOptions } from "../accounts/options.ts"
import { logRoutes } from "../keylog/log-routes.ts"
import type { KeyLog } from "../keylog/log-service.ts"
import type { Dispatcher } from "../route/dispatch.ts"
import type { Handler } from "../route/handler.ts"
import { createProtocol } from "../route/protocol.ts"

export interface ServerCore
  extends
    Dispatcher,
    Pick<Delivery, "options" | "connect" | "sweep" | "settled" | "changeAccount" | "noticeAccountChanges" | "devicesConnected" | "close"> {}

export interface ServerCorePorts extends Omit<DeliveryPorts, "accountsChanged"> {
  /** The key log; without it its routes do not exist. */
  readonly keyLog?: KeyLog | undefined
  /** Routes of further services. */
  readonly more?: ((delivery: Delivery) => readonly Handler[]) | undefined
}

/** @throws ServerError from the store */
export async function createServerCore(ports: ServerCorePorts, options: DeliveryOptions): Promise<ServerCore> {
  const { clock, log, meter, keyLog, more } = ports
  const delivery = await createDelivery(
    { ...ports, accountsChanged: () => keyLog?.changed(), loggedTokenKey: ports.loggedTokenKey ?? keyLog?.tokenKey },
    options,
  )
  const { rateLimit, sessions, appendState } = delivery
  const routes = [
    ...delivery.routes,
    ...(keyLog === undefined ? [] : logRoutes({ keyLog, rateLimit, appendState })),
    ...(more === undefined ? [] : more(delivery)),
  ]
  return { ...delivery, ...createProtocol({ clock, log, meter, rateLimit, sessions }, routes) }
}
