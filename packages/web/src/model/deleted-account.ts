import type { ConnectionStatus } from "@nodoor/client"

/** Whether the own account was deleted: what is in this browser is only read. */
export function isDeleted(connection: ConnectionStatus): boolean {
  return connection.status === "refused" && connection.code === "account_deleted"
}
