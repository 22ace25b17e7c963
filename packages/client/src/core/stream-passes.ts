// The right to open a stream of the delivery service, one port for each of the two kinds.

import type { DeliveryCode, OpenItem, OpenedItem } from "@nodoor/wire/delivery"

export interface StreamPasses {
  /**
   * What to open the next stream with: a pass that is good for some time, or a token that buys one. A token is given out once.
   * @throws NetworkError, WireError when there is neither, and none could be had
   */
  take(): Promise<OpenItem>
  /** The server has opened the stream, and handed over a pass for the next ones. */
  opened(item: Pick<OpenedItem, "pass" | "expiryHour">): void
  /** The server did not accept what it was shown (`pass_invalid`, `pass_used_up`, `token_invalid`, `token_spent`): it is not shown again. */
  refused(code: DeliveryCode): void
}
