import workerUrl from "./worker.ts?worker&url"

interface WorkerPolicy {
  createScriptURL(url: string): string
}
interface PolicyFactory {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string }): WorkerPolicy
}

/**
 * The page's one policy of trusted types, by the name that the server's Content-Security-Policy allows (`trusted-types nodoor-worker`): it
 * lets through the address of our own worker and nothing else, and makes neither HTML nor scripts.
 */
export function startWorker(): Worker {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory }
  const policy = trustedTypes?.createPolicy("nodoor-worker", { createScriptURL: () => workerUrl })
  return new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: "module", name: "nodoor" })
}
