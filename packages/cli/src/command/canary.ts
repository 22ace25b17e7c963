// The server's canary: what it says, whether it still does, and what differs from the one this device knows.

import type { CanaryChangeView, CanaryFacts, CanaryView, Device } from "@nodoor/client"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { harmlessLine, jsonLine, minute } from "../terminal.ts"
import { json, text } from "./flags.ts"

const show: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Check the server's canary against the one this device knows",
    fullDescription:
      "Once a month, people sign by hand that nothing on a short list has happened. A canary expires after at most 35 days. " +
      "Exit codes: 0 fresh and checked just now, 3 the server has never had one, 4 it expired or changed, 5 not checked now, whatever was known before. " +
      "With --json: status (fresh, expired, changed, none, not_checked), changes, known, latest, readingId, checkedAtMs, failedAtMs.",
  },
  parameters: { flags: { json } },
  func(flags) {
    return withProfile(this, async ({ device }) => {
      const view = await device.checkCanary()
      if (flags.json) await this.terminal.print(jsonLine(view))
      else await this.terminal.print(inWords(view).join("\n"))
      failUnlessFresh(view)
    })
  },
})

const acknowledge: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: {
    brief: "Mark a change or expiry of the canary as read",
    fullDescription: "Later canaries are compared with the current one. Exit code 3 if it has changed again since you read it.",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Id that `nodoor canary` printed", parse: text, placeholder: "id" }],
    },
  },
  func(_flags, id) {
    return withProfile(this, ({ device }) => device.acknowledgeCanary(id.toLowerCase()))
  },
})

export const canary: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Show the server's canary, and mark a change as read" },
  routes: { show, acknowledge },
  defaultCommand: "show",
})

/** A line that says that the canary ended or changed, until that was read. Asks nothing of the server. */
export async function sayCanary({ terminal }: CliContext, device: Device): Promise<void> {
  const view = await device.canary()
  if ((view.status !== "expired" && view.status !== "changed") || view.acknowledgedAtMs !== undefined) return
  const what = view.status === "expired" ? `expired on ${view.known.expires}` : "differs from the one this device knows"
  terminal.talk(`Warning: the server's canary ${what}.\n  next: nodoor canary`)
}

function failUnlessFresh(view: CanaryView): void {
  const next = "ask the people who run the server, but not through the server"
  if (view.status === "changed") throw new CliError("canary_changed", "The canary differs from the one this device knows.", { next })
  if (view.status === "expired") throw new CliError("canary_expired", `The canary expired on ${view.known.expires}.`, { next })
  if (view.status === "not_checked" || view.failedAtMs !== undefined)
    throw new CliError("canary_unchecked", "The server didn't answer. The canary was not checked.", { next: "try again" })
  if (view.status === "none") throw new CliError("canary_absent", "This server has no canary.")
}

function inWords(view: CanaryView): readonly string[] {
  const looked = [
    `last checked: ${view.checkedAtMs === undefined ? "never" : minute(view.checkedAtMs)}`,
    ...(view.failedAtMs === undefined ? [] : [`not checked on ${minute(view.failedAtMs)}: the server didn't answer`]),
  ]
  switch (view.status) {
    case "not_checked":
      return ["not checked", ...looked]
    case "none":
      return ["none", ...looked]
    case "fresh":
      return [`fresh until ${view.known.expires} (UTC)`, ...factLines(view.known), ...looked]
    case "expired":
      return [`EXPIRED on ${view.known.expires} (UTC). It no longer says anything.`, ...factLines(view.known), ...readLine(view), ...looked]
    case "changed":
      return [
        "CHANGED",
        ...view.changes.flatMap(changeLines),
        ...(view.known === undefined ? [] : ["the one this device knows:", ...factLines(view.known)]),
        ...readLine(view),
        ...looked,
      ]
  }
}

function readLine(view: CanaryView & { readonly status: "expired" | "changed" }): readonly string[] {
  if (view.acknowledgedAtMs !== undefined) return [`you read this on ${minute(view.acknowledgedAtMs)}`]
  return [`to mark this as read: nodoor canary acknowledge ${view.readingId}`]
}

function factLines({ issued, statements, threshold, keys, signedBy }: CanaryFacts): readonly string[] {
  return [
    ...statements.map((statement) => `  - ${harmlessLine(statement)}`),
    `  signed on ${issued} with ${signedBy.length} of ${keys.length} keys; ${threshold} must sign`,
  ]
}

function changeLines(change: CanaryChangeView): readonly string[] {
  const sides = (what: string, was: string | number | undefined, now: string | number): readonly string[] => [
    `  ${what}`,
    ...(was === undefined ? [] : [`    before: ${harmlessLine(String(was))}`]),
    `    now:    ${harmlessLine(String(now))}`,
  ]
  switch (change.kind) {
    case "keys":
      return sides("different keys sign it", change.was.join(" "), change.now.join(" "))
    case "threshold":
      return sides("a different number of people must sign it", change.was, change.now)
    case "statement_gone":
      return sides("no longer said", change.was, "nothing in its place")
    case "statement_reworded":
      return sides("worded differently", change.was, change.now)
    case "statement_added":
      return sides("new", undefined, change.now)
    case "older":
      return sides("it was replaced by an older one", `issued on ${change.was}`, `issued on ${change.now}`)
    case "not_following":
      return sides(
        "one in between is missing",
        `issued on ${change.was}`,
        `issued on ${change.now}, after one that the server does not show`,
      )
    case "origin":
      return sides("it belongs to another server", change.was, change.now)
    case "gone":
      return sides("it is gone", undefined, "the server no longer has one")
    case "invalid":
      return sides("the new one is not valid", undefined, change.code)
    case "not_yet":
      return sides("it is dated in the future", undefined, `issued on ${change.now}`)
  }
}
