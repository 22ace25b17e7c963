// A tab's side of the calls to the worker that owns the device at the moment.

import { HostError } from "./host.ts"
import { type Answer, type Arguments, type FromOwner, type Method, type ToOwner, repeatOf } from "./messages.ts"
import { hostText } from "../text/host-text.ts"

interface Pending {
  readonly method: Method
  readonly args: readonly unknown[]
  /** The owner that was asked; undefined while no owner is known. */
  owner: string | undefined
  readonly resolve: (value: never) => void
  readonly reject: (error: HostError) => void
}

export interface Caller {
  call<M extends Method>(method: M, ...args: Arguments<M>): Promise<Answer<M>>
  /** Takes an answer or notices a new owner; anything else is ignored. */
  receive(message: FromOwner): void
}

/** `send` may lose messages while there is no owner. Pending calls are sent to the next owner when its first state arrives. */
export function createCaller(options: { readonly tab: string; readonly send: (message: ToOwner) => void }): Caller {
  const pending = new Map<number, Pending>()
  let owner: string | undefined
  let nextCall = 1

  const put = (call: number, entry: Pending): void => {
    entry.owner = owner
    if (owner !== undefined) options.send({ to: "owner", type: "call", tab: options.tab, call, method: entry.method, args: entry.args })
  }

  const changeOwner = (next: string): void => {
    owner = next
    for (const [call, entry] of pending) {
      if (entry.owner !== undefined && repeatOf(entry.method) === "once") {
        pending.delete(call)
        entry.reject(new HostError("changed_tabs", hostText.changedTabs))
      } else put(call, entry)
    }
  }

  return {
    call: (method, ...args) =>
      new Promise((resolve, reject) => {
        const entry: Pending = { method, args, owner: undefined, resolve, reject }
        pending.set(nextCall, entry)
        put(nextCall++, entry)
      }),
    receive(message) {
      if (message.type === "state" && message.owner !== owner) changeOwner(message.owner)
      if (message.type !== "answer" || message.tab !== options.tab) return
      const entry = pending.get(message.call)
      if (entry === undefined) return
      pending.delete(message.call)
      if (message.ok) entry.resolve(message.value as never)
      else entry.reject(new HostError(message.fault.code, message.fault.message, message.fault))
    },
  }
}
