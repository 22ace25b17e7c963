import type { ConnectionStatus } from "@nodoor/client"

/** Whether the own account was deleted. What is in this browser can then only be read. */
export function isDeleted(connection: ConnectionStatus): boolean {
  return connection.status === "refused" && connection.code === "account_deleted"
}
