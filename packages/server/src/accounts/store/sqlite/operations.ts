// The table of operations: one function per name of the port, on an open database inside a transaction.

import type { OperationInput, OperationName, OperationOutput } from "../store.ts"
import { accountChanges, accountCounts, accountsPage, changeAccount, refusedDevices } from "./account-changes.ts"
import {
  accountFeed,
  appendAccountState,
  accountRow,
  countAccounts,
  findAccount,
  noteSeen,
  registerAccount,
  verifiedState,
} from "./accounts.ts"
import type { Database } from "../../../sqlite/database.ts"
import { deviceKey } from "./devices.ts"
import { disclosableTables } from "./disclosure.ts"
import { eraseChain } from "./erasure.ts"
import { addInvites, isInvite, listInvites, revokeInvite } from "./invites.ts"
import { claimDevices, keyPackageHashes, uploadKeyPackages } from "./key-packages.ts"
import { notedSetting, replaceSetting, setting } from "./settings.ts"
import { emptyWriteAheadLog, eraseTraces } from "../../../sqlite/traces.ts"
import { addTokenKey, dropTokenKeys, isTokenSpent, tokenKeys, tokenSecret } from "./tokens.ts"
import { eraseUnused } from "./unused-accounts.ts"
import { integrity, newestTime, sweep } from "./upkeep.ts"

type Operations = { readonly [Name in OperationName]: (db: Database, input: OperationInput<Name>) => OperationOutput<Name> }

export const operations: Operations = {
  setting,
  notedSetting,
  replaceSetting,
  registerAccount,
  appendAccountState,
  eraseChain,
  verifiedState,
  findAccount,
  disclosableTables,
  accountFeed,
  accountRow,
  countAccounts,
  accountCounts,
  accountsPage,
  changeAccount,
  accountChanges,
  refusedDevices,
  eraseUnused,
  addInvites,
  isInvite,
  listInvites,
  revokeInvite,
  deviceKey,
  noteSeen,
  uploadKeyPackages,
  keyPackageHashes,
  tokenKeys,
  tokenSecret,
  addTokenKey,
  dropTokenKeys,
  isTokenSpent,
  claimDevices,
  sweep,
  checkpoint: emptyWriteAheadLog,
  eraseTraces,
  integrity,
  newestTime,
}

/** Those that only look. A batch of them alone takes no write lock and costs no fsync. */
export const readOperations: ReadonlySet<OperationName> = new Set<OperationName>([
  "verifiedState",
  "findAccount",
  "accountFeed",
  "accountRow",
  "disclosableTables",
  "countAccounts",
  "accountCounts",
  "accountsPage",
  "accountChanges",
  "refusedDevices",
  "isInvite",
  "listInvites",
  "deviceKey",
  "keyPackageHashes",
  "tokenKeys",
  "tokenSecret",
  "isTokenSpent",
  "integrity",
  "notedSetting",
  "newestTime",
])
