// Signature Version 4 of S3: a request is authenticated by a key that never travels. Amazon's documents call this "Authenticating Requests:
// Using the Authorization Header".

import { toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"

export interface BucketKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

export interface UnsignedRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE"
  readonly url: URL
  /** Others than `host`; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

type Crypto = Pick<CryptoProvider, "sha256" | "hmacSha256">

/** The headers of the request with its signature. `nowMs`: servers refuse one that is 15 minutes off. */
export function signedHeaders(
  crypto: Crypto,
  { accessKeyId, secretAccessKey, region }: BucketKeys,
  { method, url, headers, body }: UnsignedRequest,
  nowMs: number,
): Readonly<Record<string, string>> {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")
  const day = time.slice(0, 8)
  const payload = toHex(crypto.sha256(body))
  const all: Record<string, string> = { ...headers, host: url.host, "x-amz-content-sha256": payload, "x-amz-date": time }
  const names = Object.keys(all).toSorted()
  const signed = names.join(";")
  const canonical = [
    method,
    url.pathname
      .split("/")
      .map((part) => uriEncoded(decodeURIComponent(part)))
      .join("/"),
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${(all[name] ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signed,
    payload,
  ].join("\n")
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ["AWS4-HMAC-SHA256", time, scope, toHex(crypto.sha256(toUtf8(canonical)))].join("\n")
  const key = [day, region, "s3", "aws4_request"].reduce(
    (made, part) => crypto.hmacSha256(made, toUtf8(part)),
    toUtf8(`AWS4${secretAccessKey}`),
  )
  const signature = toHex(crypto.hmacSha256(key, toUtf8(text)))
  const { host: _, ...sent } = all
  return { ...sent, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${signed},Signature=${signature}` }
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${uriEncoded(name)}=${uriEncoded(value)}`)
    .toSorted()
    .join("&")
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function uriEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
