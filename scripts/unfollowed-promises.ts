// Loaded before test files (`--import`). To know which test a stray error belongs to, node's runner follows every promise from its making to its
// end, and that is a third of all work in tests with many of them. Here it follows timers and sockets only. An error in a promise that nobody
// waits for still fails the process, and `test-file.ts` then runs the file again without this, so that the test is named.

import { createHook } from "node:async_hooks"

const hook = createHook({})
const prototype = Object.getPrototypeOf(hook) as typeof hook
/** What the public option `trackPromises: false` sets. Where a version of node has it no more, nothing changes but the time. */
const unfollowed = Object.getOwnPropertySymbols(hook).find(({ description }) => description === "kNoPromiseHook")
const { enable } = prototype

prototype.enable = function (this: typeof hook) {
  if (unfollowed !== undefined) Reflect.set(this, unfollowed, true)
  return enable.call(this)
}
