// How a device reaches the delivery service without saying who it is: tokens, the passes that it buys with them, and the hosts that take both.

import type { Ports } from "../core/ports.ts"
import { ServerHosts } from "../receiving/server-hosts.ts"
import { ServerBlobs } from "../sending/blobs.ts"
import { Passes } from "../sending/passes.ts"
import { Posting } from "../sending/posting.ts"
import { Tokens } from "../sending/tokens.ts"
import { TokenKeys } from "../trust/token/token-keys.ts"
import type { Foundation } from "./foundation.ts"

export interface ServerAccess {
  readonly tokens: Tokens
  readonly passes: Passes
  readonly hosts: ServerHosts
  readonly posting: Posting
  readonly blobs: ServerBlobs
}

export function serverAccess(foundation: Foundation, { blindSignatures }: Pick<Ports, "blindSignatures">): ServerAccess {
  const { session, transactions, fault } = foundation
  const tokenKeys = new TokenKeys(foundation)
  const tokens = new Tokens({ ...foundation, blindSignatures, tokenKeys: () => tokenKeys.verifiedTokenKeys() })
  const passes = new Passes({ session, transactions, tokens, fault })
  const hosts = new ServerHosts(foundation)
  const postUrl = (): string => hosts.url("posting")
  const posting = new Posting({ ...foundation, passes: passes.forPosting, hostUrl: postUrl })
  const blobs = new ServerBlobs({ ...foundation, passes: passes.forPosting, postUrl, readUrl: () => hosts.url("reading") })
  return { tokens, passes, hosts, posting, blobs }
}
