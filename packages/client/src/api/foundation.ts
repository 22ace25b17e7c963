// What every other part of a device stands on: its transactions and jobs, its session, the log, whom it trusts, and the watch over its account.

import type { Changes } from "../core/changes.ts"
import { Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Ports } from "../core/ports.ts"
import { Session, type SessionHooks } from "../core/session.ts"
import { noTrace } from "../core/trace.ts"
import { Transactions } from "../core/transaction.ts"
import { GroupStates } from "../group/group-states.ts"
import { jobStore } from "../store/jobs.ts"
import { type Reader, readerOf } from "../store/reader.ts"
import { AccountEnd } from "../trust/account/account-end.ts"
import { KeyLog } from "../trust/log/key-log.ts"
import { Trust } from "../trust/trust.ts"
import { Watch } from "../trust/watch.ts"
import { Views } from "../view/views.ts"

/** What the foundation tells the parts above it. */
export interface FoundationEvents {
  readonly session: SessionHooks
  readonly show: (changes: Changes) => Promise<void>
  readonly fault: (error: unknown) => void
  /** Something of this group waits in the outbox. */
  readonly kick: (groupId: Uint8Array) => void
  /** The account has ended. */
  readonly ended: () => void
  readonly ownDevicesDue: () => void
}

export interface Foundation
  extends Pick<Ports, "clock" | "timers" | "random" | "crypto" | "network">, Pick<FoundationEvents, "fault" | "kick"> {
  readonly own: OwnDevice
  readonly reader: Reader
  readonly transactions: Transactions
  readonly session: Session
  readonly jobs: Jobs
  readonly states: GroupStates
  readonly keyLog: KeyLog
  readonly trust: Trust
  readonly views: Views
  readonly ending: AccountEnd
  readonly watch: Watch
}

export function layFoundation(ports: Ports, own: OwnDevice, events: FoundationEvents): Foundation {
  const { clock, timers, random, crypto, network, database, trace = noTrace } = ports
  const { fault, kick } = events
  const reader = readerOf(database)
  const transactions = new Transactions(database, { show: events.show, fault, trace })
  const session = new Session({ network, clock, crypto, trace }, own, events.session)
  const jobs = new Jobs({ transactions, clock, timers, store: jobStore(reader), fault, trace })
  jobs.register({ kind: "show", run: async () => transactions.showChanges() })
  const states = new GroupStates({ crypto, clock })
  const keyLog = new KeyLog({ transactions, session, crypto, random, clock, own })
  const trust = new Trust({ transactions, session, keyLog, crypto, random, clock, timers, own })
  const views = new Views({ database, own, trust, crypto, clock })
  const ending = new AccountEnd({ transactions, states, crypto, own }, { ended: events.ended })
  const watch = new Watch(
    { transactions, session, keyLog, trust, ending, crypto, random, clock, jobs, own },
    { kick, fault, ownDevicesDue: events.ownDevicesDue },
  )
  const stands = { reader, transactions, session, jobs, states, keyLog, trust, views, ending, watch }
  return { own, clock, timers, random, crypto, network, fault, kick, ...stands }
}
