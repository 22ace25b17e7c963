import type { ConnectionStatus } from "@nodoor/client"

/** Whether the own account was deleted. What is in this browser can then only be read. */
export function isDeleted(connection: ConnectionStatus): boolean {
  return connection.status === "refused" && connection.code === "account_deleted"
}

/** Whether another of the own devices took this one out of the account. */
export function isRemoved(connection: ConnectionStatus): boolean {
  return connection.status === "refused" && connection.code === "unauthorized"
}
