// What a device tells its listeners after a change was stored.

import type { Hex } from "../core/hex.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import type { AlarmView } from "../store/trust/alarm-view.ts"

export type ClientEvent =
  | { readonly type: "connection"; readonly connection: ConnectionStatus }
  /** These chats changed (or are new, or are gone). */
  | { readonly type: "chats"; readonly ids: readonly Hex[] }
  /** These messages of a chat are new or changed; `incoming` are those of others that were not there before. */
  | { readonly type: "messages"; readonly chatId: Hex; readonly ids: readonly Hex[]; readonly incoming: readonly Hex[] }
  | { readonly type: "contacts"; readonly ids: readonly Hex[] }
  | { readonly type: "typing"; readonly chatId: Hex; readonly accountId: Hex; readonly untilMs: number }
  | { readonly type: "alarm"; readonly alarm: AlarmView }
  /** The operator told something new about a request, or it was read. */
  | { readonly type: "operator_notices" }
  /** The server's canary, or what this device knows of it, may be another. */
  | { readonly type: "canary" }
