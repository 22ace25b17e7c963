// What monitoring reads: whether the server lives, whether it is ready, and its metrics.

import { equal, toUtf8 } from "@nodoor/bytes"
import { isLoopback } from "../core/address.ts"
import { sha256 } from "../core/crypto.ts"
import { type PageRequest, plain } from "../http/page.ts"
import type { Service } from "./service.ts"

export interface MonitoringPorts {
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Bearer token for /metrics from elsewhere than this machine. */
  readonly metricsToken: string | undefined
  /** Whether the store answers and the server is not stopping. */
  readonly ready: () => Promise<boolean>
}

export function monitoringService({ metrics, metricsToken, ready }: MonitoringPorts): Service {
  return {
    pages: [
      { paths: ["/healthz"], answer: () => plain("ok\n") },
      { paths: ["/readyz"], answer: async () => ((await ready()) ? plain("ready\n") : plain("not ready\n", 503)) },
      {
        paths: ["/metrics"],
        answer: async (request) =>
          mayReadMetrics(request, metricsToken)
            ? plain(await metrics(), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" })
            : plain("Metrics are readable from this machine, or with the bearer token.\n", 403),
      },
    ],
  }
}

function mayReadMetrics(request: PageRequest, token: string | undefined): boolean {
  const given = request.header("authorization")
  if (token !== undefined && given !== undefined) return equal(sha256(toUtf8(given)), sha256(toUtf8(`Bearer ${token}`)))
  // A request that a proxy passed on comes from elsewhere, whatever it claims, and whether or not the configuration names the proxy.
  return !request.forwarded() && isLoopback(request.address())
}
