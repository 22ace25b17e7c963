// The table of operations: one function per name of the port, on an open database inside a transaction.

import type { OperationInput, OperationName, OperationOutput } from "../store.ts"
import {
  accountFeed,
  appendAccountState,
  accountRow,
  addInvites,
  countAccounts,
  findAccount,
  registerAccount,
  setBlock,
  verifiedState,
} from "./accounts.ts"
import type { Database } from "./database.ts"
import { disclosableTables } from "./disclosure.ts"
import { appendPost, commitGroup, createGroup, findPlaced, groupKeys, groupMailboxes } from "./groups.ts"
import { claimKeyPackages, keyPackageHashes, uploadKeyPackages } from "./key-packages.ts"
import { ack, readMailbox, setMute } from "./mailboxes.ts"
import { deviceKey, findSession, openSession } from "./sessions.ts"
import { checkpoint, integrity, newestTime, notedSetting, queueDepth, replaceSetting, setting, sweep } from "./upkeep.ts"

type Operations = { readonly [Name in OperationName]: (db: Database, input: OperationInput<Name>) => OperationOutput<Name> }

export const operations: Operations = {
  setting,
  notedSetting,
  replaceSetting,
  registerAccount,
  appendAccountState,
  verifiedState,
  findAccount,
  disclosableTables,
  accountFeed,
  accountRow,
  countAccounts,
  setBlock,
  setMute,
  addInvites,
  deviceKey,
  openSession,
  findSession,
  uploadKeyPackages,
  keyPackageHashes,
  claimKeyPackages,
  groupKeys,
  createGroup,
  appendPost,
  commitGroup,
  findPlaced,
  groupMailboxes,
  readMailbox,
  ack,
  sweep,
  checkpoint,
  integrity,
  newestTime,
  queueDepth,
}

/** Those that only look. A batch of them alone takes no write lock and costs no fsync. */
export const readOperations: ReadonlySet<OperationName> = new Set<OperationName>([
  "verifiedState",
  "findAccount",
  "accountFeed",
  "accountRow",
  "disclosableTables",
  "countAccounts",
  "deviceKey",
  "findSession",
  "keyPackageHashes",
  "groupKeys",
  "findPlaced",
  "groupMailboxes",
  "readMailbox",
  "integrity",
  "notedSetting",
  "newestTime",
  "queueDepth",
])
