// Headers of every answer. The page may load what this server serves and nothing else: no inline script, no eval, no other origin,
// no string that becomes code (Trusted Types).

/** On everything. */
export const everyAnswer: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
}

/** `streamNames`: names of their own of the delivery service's streams and blobs. The page may connect to these as well. */
export function policyWith(streamNames: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    ["connect-src 'self'", ...streamNames.flatMap((name) => [`wss://${name}`, `https://${name}`])].join(" "),
    "worker-src 'self'",
    "manifest-src 'self'",
    "font-src 'self'",
    "require-trusted-types-for 'script'",
    // The page starts its worker, and the address of a worker counts as script: this one policy lets through that one address.
    "trusted-types nodoor-worker",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
}

export const contentSecurityPolicy: string = policyWith([])

/** On what a browser shows or runs. Workers are documents of their own, so scripts carry the policy too. */
export const everyFile: Readonly<Record<string, string>> = {
  ...everyAnswer,
  "Content-Security-Policy": contentSecurityPolicy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Frame-Options": "DENY",
  "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}

/**
 * On the console's page: where it stands beside the messenger, under one name, neither page gets hold of the other's window. Browsers that do not
 * know the word take them apart too, because it is another than that of the messenger's pages.
 */
export const consolePage: Readonly<Record<string, string>> = { ...everyFile, "Cross-Origin-Opener-Policy": "noopener-allow-popups" }

/** On the files of the log: anybody may check them, a page of another server too. */
export const publicFile: Readonly<Record<string, string>> = {
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
}

/** On answers of the protocol: never kept by anything in between. */
export const everyMessage: Readonly<Record<string, string>> = {
  ...everyAnswer,
  "Cache-Control": "no-store",
  "Content-Type": "application/cbor",
}
