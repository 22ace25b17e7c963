// The server's canary: what it says, whether it still does, and what is another than the one that this device knows.

import type { CanaryChangeView, CanaryFacts, CanaryView, Device } from "@nodoor/client"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withProfile } from "../context.ts"
import { harmlessLine, jsonLine, minute } from "../terminal.ts"
import { json, text } from "./flags.ts"

const show: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Look at the server's canary and compare it with the one that this device knows",
    fullDescription:
      "Once a month people sign by hand that nothing on a short list has happened; it ends by itself after at most 35 days. " +
      "Exit codes: 0 fresh, looked at just now; 3 the server has none and never had; 4 it expired or changed; 5 it could not be looked at now, whatever is known from before. " +
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
    brief: "Say that you have read how the canary changed, or that it expired",
    fullDescription:
      "Later canaries are then compared with the one that stands there now. Exit code 3 if it is another by now than the one that you read.",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Id of what you read, as `nodoor canary` prints it", parse: text, placeholder: "id" }],
    },
  },
  func(_flags, id) {
    return withProfile(this, ({ device }) => device.acknowledgeCanary(id.toLowerCase()))
  },
})

export const canary: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Show the server's canary, and say that a change of it was read" },
  routes: { show, acknowledge },
  defaultCommand: "show",
})

/** A line that says that the canary ended or changed, until that was read. Asks nothing of the server. */
export async function sayCanary({ terminal }: CliContext, device: Device): Promise<void> {
  const view = await device.canary()
  if ((view.status !== "expired" && view.status !== "changed") || view.acknowledgedAtMs !== undefined) return
  const what = view.status === "expired" ? `expired on ${view.known.expires}` : "is another than the one that this device knows"
  terminal.talk(`Warning: the server's canary ${what}.\n  next: nodoor canary`)
}

function failUnlessFresh(view: CanaryView): void {
  const next = "ask the people who run the server, by a way that does not lead through it"
  if (view.status === "changed")
    throw new CliError("canary_changed", "The canary is another than the one that this device knows.", { next })
  if (view.status === "expired") throw new CliError("canary_expired", `The canary expired on ${view.known.expires}.`, { next })
  if (view.status === "not_checked" || view.failedAtMs !== undefined)
    throw new CliError("canary_unchecked", "The server did not answer: the canary was not checked now.", { next: "try again" })
  if (view.status === "none") throw new CliError("canary_absent", "Nobody signs a canary for this server.")
}

function inWords(view: CanaryView): readonly string[] {
  const looked = [
    `last looked at: ${view.checkedAtMs === undefined ? "never" : minute(view.checkedAtMs)}`,
    ...(view.failedAtMs === undefined ? [] : [`not checked on ${minute(view.failedAtMs)}: the server did not answer`]),
  ]
  switch (view.status) {
    case "not_checked":
      return ["not checked", ...looked]
    case "none":
      return ["none", ...looked]
    case "fresh":
      return [`fresh until ${view.known.expires} (UTC)`, ...factLines(view.known), ...looked]
    case "expired":
      return [`EXPIRED on ${view.known.expires} (UTC): it says nothing any more`, ...factLines(view.known), ...readLine(view), ...looked]
    case "changed":
      return [
        "CHANGED",
        ...view.changes.flatMap(changeLines),
        ...(view.known === undefined ? [] : ["the one that this device knows:", ...factLines(view.known)]),
        ...readLine(view),
        ...looked,
      ]
  }
}

function readLine(view: CanaryView & { readonly status: "expired" | "changed" }): readonly string[] {
  if (view.acknowledgedAtMs !== undefined) return [`you read this on ${minute(view.acknowledgedAtMs)}`]
  return [`when you have read this: nodoor canary acknowledge ${view.readingId}`]
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
      return sides("other keys sign it", change.was.join(" "), change.now.join(" "))
    case "threshold":
      return sides("another number of people must sign it", change.was, change.now)
    case "statement_gone":
      return sides("no longer said", change.was, "nothing in its place")
    case "statement_reworded":
      return sides("said in other words", change.was, change.now)
    case "statement_added":
      return sides("said for the first time", undefined, change.now)
    case "older":
      return sides("an older one stands in its place", `issued on ${change.was}`, `issued on ${change.now}`)
    case "not_following":
      return sides(
        "one is missing in between",
        `issued on ${change.was}`,
        `issued on ${change.now}, after one that the server does not show`,
      )
    case "origin":
      return sides("it is another server's", change.was, change.now)
    case "gone":
      return sides("it is gone", undefined, "the server shows none any more")
    case "invalid":
      return sides("what stands there does not hold", undefined, change.code)
    case "not_yet":
      return sides("it is from the future", undefined, `issued on ${change.now}`)
  }
}
