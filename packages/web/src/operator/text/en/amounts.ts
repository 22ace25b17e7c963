// Numbers, sizes and spans of time.

import { counted, numeral } from "../../../text/en/amounts.ts"

export const amounts = {
  count: (n: number): string => numeral(n),
  accounts: (n: number): string => counted(n, "account"),
  devices: (n: number): string => counted(n, "device"),
  units: ["B", "kB", "MB", "GB", "TB"] as readonly string[],
  lessThanMinute: "less than a minute",
  minutes: (n: number): string => counted(n, "minute"),
  hours: (n: number): string => counted(n, "hour"),
  days: (n: number): string => counted(n, "day"),
}
