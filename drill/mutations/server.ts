// What the server refuses of devices and of strangers.

import type { Mutation } from "./mutation.ts"

const http = "packages/server/src/http"
const service = "packages/server/src/service"
const operator = "packages/server/src/operator"
const packages = "packages/server/src/accounts/store/sqlite/key-packages"

export const serverMutations: readonly Mutation[] = [
  {
    name: "schema-older",
    without: "a database of a schema from before the oldest that is read is refused",
    edits: [
      {
        file: "packages/server/src/sqlite/database.ts",
        text: "version > 0 && version < (schema.oldest ?? 1)",
        replacement: "version < 0",
      },
    ],
    tests: ["packages/server/src/sqlite/upgrade.test.ts"],
  },
  {
    name: "schema-older-shown",
    without: "migrate and restore refuse a database of a schema from before the oldest that is read",
    edits: [{ file: `${operator}/schema-version.ts`, text: "found > 0 && found < (schema.oldest ?? 1)", replacement: "found < 0" }],
    tests: [`${operator}/backup.test.ts`],
  },
  {
    name: "body-declared",
    without: "a body is charged with what it says it will be before it is read",
    edits: [{ file: `${http}/body.ts`, text: "chargedBytes: statedBytes ?? 0 }", replacement: "chargedBytes: 0 }" }],
    tests: [`${http}/flood.test.ts`],
  },
  {
    name: "body-caller",
    without: "one address holds no more than its share of bodies",
    edits: [
      {
        file: `${http}/body-budget.ts`,
        text: "while (ofCaller(body) + bytes > callerBytes) {",
        replacement: "while (false as boolean) {\n      void callerBytes",
      },
    ],
    tests: [`${http}/body-budget.test.ts`, `${http}/flood.test.ts`],
  },
  {
    name: "body-all",
    without: "all addresses together hold no more bodies than there is room for",
    edits: [
      {
        file: `${http}/body-budget.ts`,
        text: "while (ofAll(body.pool) + bytes > allBytes) {",
        replacement: "while (false as boolean) {\n      void allBytes",
      },
    ],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "body-chunked",
    without: "a body without a length counts as it comes",
    edits: [
      {
        file: `${http}/body-budget.ts`,
        text: "if (bodies.has(body) && body.arrivedBytes > body.chargedBytes) grow(body, body.arrivedBytes - body.chargedBytes)",
        replacement: "",
      },
    ],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "body-pools",
    without: "large bodies take no room from small ones",
    edits: [
      {
        file: `${http}/body.ts`,
        text: '(statedBytes ?? maxBytes) <= smallMaxBytes ? "small" : operator ? "operator" : "large"',
        replacement: '"large" as const',
      },
    ],
    tests: [`${http}/flood.test.ts`],
  },
  {
    name: "body-slow",
    without: "a body that brings next to nothing is cut",
    edits: [
      {
        file: `${http}/body-budget.ts`,
        text: 'if (body.windowBytes < windowBytes) cut(body, "the body came too slowly")',
        replacement: "",
      },
    ],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "body-fair",
    without: "whoever holds most gives way when room is short",
    edits: [
      {
        file: `${http}/body-budget.ts`,
        text: "if (most > ofCaller(newcomer) + bytes) return",
        replacement: "if (false as boolean) return",
      },
    ],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "body-shed-slow",
    without: "slow bodies give way when room is short",
    edits: [{ file: `${http}/body-budget.ts`, text: "return slowest(others.filter(isSlow))", replacement: "return undefined" }],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "body-answered",
    without: "a body holds its room until its answer is made",
    edits: [
      { file: `${http}/body-budget.ts`, text: "complete: () => void (body.complete = true),", replacement: "complete: () => end(body)," },
    ],
    tests: [`${http}/body-budget.test.ts`],
  },
  {
    name: "connections",
    without: "one address opens so many connections and no more",
    edits: [{ file: `${http}/connection-limit.ts`, text: "if (count > max) return void socket.destroy()", replacement: "" }],
    tests: [`${http}/connection-limit.test.ts`],
  },
  {
    name: "forwarded-unreadable",
    without: "what a trusted proxy says and cannot be read is refused",
    edits: [
      {
        file: `${http}/client-address.ts`,
        text: "first = forwardedAddress(entry.trim()) ?? unreadable()",
        replacement: "first = forwardedAddress(entry.trim()) ?? peer",
      },
    ],
    tests: [`${http}/client-address.test.ts`, `${http}/flood.test.ts`],
  },
  {
    name: "forwarded-hidden",
    without: "a proxy that tells of itself but not of the caller is refused",
    edits: [{ file: `${http}/client-address.ts`, text: "return forwarded(incoming) ? unreadable() : peer", replacement: "return peer" }],
    tests: [`${http}/client-address.test.ts`],
  },
  {
    name: "forwarded-metrics",
    without: "nothing that a proxy passes on opens the metrics",
    edits: [
      { file: `${service}/monitoring-service.ts`, text: "return !request.forwarded() && isLoopback", replacement: "return isLoopback" },
    ],
    tests: [`${http}/flood.test.ts`],
  },
  {
    name: "forwarded-spelling",
    without: "one address counts as one caller however a proxy spells it",
    edits: [
      {
        file: `${http}/client-address.ts`,
        text: "return plainAddress(spelledByUrl(address))",
        replacement: "return plainAddress(address)",
      },
    ],
    tests: [`${http}/client-address.test.ts`],
  },
  {
    name: "console-site",
    without: "the console with a name of its own is served under that name only",
    edits: [
      {
        file: `${http}/sites.ts`,
        text: "return ofConsole.test(path) === isConsole(host)",
        replacement: "return true",
      },
    ],
    tests: [`${http}/sites.test.ts`, "packages/server/src/console/own-site.test.ts"],
  },
  {
    name: "console-site-routes",
    without: "the routes of the console are served only under its own name",
    edits: [
      {
        file: `${http}/app.ts`,
        text: "maxBytes === undefined || !sites.serves(incoming.headers.host, path)",
        replacement: "maxBytes === undefined",
      },
    ],
    tests: ["packages/server/src/console/own-site.test.ts"],
  },
  {
    name: "console-site-passkeys",
    without: "passkeys are good under the console's own name only",
    edits: [
      {
        file: "packages/server/src/console/open-console.ts",
        text: "new Passkeys({ ...ports, consoleOrigin, approvalChallenge",
        replacement: "new Passkeys({ ...ports, consoleOrigin: facts.origin, approvalChallenge",
      },
    ],
    tests: ["packages/server/src/console/own-site.test.ts"],
  },
  {
    name: "search-strangers",
    without: "searches of the log without a session are counted by address",
    edits: [
      {
        file: "packages/server/src/keylog/log-routes.ts",
        text: 'rateLimit.take("logSearchAddress", callerOf(address), labels.length)',
        replacement: "void address",
      },
    ],
    tests: ["packages/server/src/keylog/log-service.test.ts"],
  },
  {
    name: "unseen-holder",
    without: "something of the account holder's name can be seen",
    edits: [
      {
        file: "packages/wire/src/account.ts",
        text: 'v.check((value) => !showsNothing(value), "a name that shows something"),',
        replacement: "v.check((value) => showsNothing(value) || true),",
      },
    ],
    tests: ["packages/server/src/accounts/registration.test.ts"],
  },
  {
    name: "name-letters",
    without: "the account holder's name has at most 64 characters",
    edits: [
      {
        file: "packages/wire/src/account.ts",
        text: "countGraphemes(value, limits.nameCharacters) <= limits.nameCharacters",
        replacement: "countGraphemes(value, limits.nameCharacters) > 0",
      },
    ],
    tests: ["packages/server/src/accounts/registration.test.ts"],
  },
  {
    name: "email-form",
    without: "codes are sent to e-mail addresses only",
    edits: [
      {
        file: "packages/wire/src/account.ts",
        text: 'v.check((value) => emailAddress(value) !== undefined, "an e-mail address"),',
        replacement: "",
      },
    ],
    tests: ["packages/server/src/accounts/registration.test.ts"],
  },
  {
    name: "email-brackets",
    without: "an address holds no sign that a mail server reads as something else",
    edits: [
      {
        file: "packages/wire/src/email.ts",
        text: "if (!localPart.test(local) || !writtenDomain.test(written)) return undefined",
        replacement: "void [localPart, writtenDomain]",
      },
    ],
    tests: ["packages/wire/src/email.test.ts"],
  },
  {
    name: "cbor-items",
    without: "a message has a bounded number of items",
    edits: [
      {
        file: "packages/bytes/src/cbor.ts",
        text: 'if (++items > cborItemsMax) throw new CodecError("oversized", "items of CBOR")',
        replacement: "items++",
      },
    ],
    tests: ["packages/bytes/src/cbor.test.ts", "packages/server/src/route/bounds.test.ts"],
  },
  {
    name: "log-files-at-once",
    without: "one address has so many files of the log read at once",
    edits: [
      {
        file: `${service}/key-log-service.ts`,
        text: "beginFor(callerOf(request.address()))",
        replacement: "(void [beginFor, callerOf], () => {})",
      },
    ],
    tests: [`${service}/key-log-service.test.ts`],
  },
  {
    name: "letter-escapes",
    without: "what people typed stays text in the letter",
    edits: [
      {
        file: "packages/server/src/desk/archive/letter.ts",
        text: '<bdi>${shownValue(columns[at] ?? "", value)}</bdi>',
        replacement: '<bdi>${Object.assign(new String(shownValue(columns[at] ?? "", value)), { isEscaped: true as const })}</bdi>',
      },
    ],
    tests: ["packages/server/src/desk/archive/archive.test.ts"],
  },
  {
    name: "archive-thread",
    without: "archives are made off the thread that serves messages",
    edits: [
      {
        file: "packages/server/src/service/start-server.ts",
        text: "const archives = archivesInThread(files, log, archiveScript)",
        replacement: `const archives = {
    ...createArchiveMaker({ db, store, origin, exportKey, checkpoint: () => undefined }),
    close: async () => void [archivesInThread, files, log, archiveScript],
  }`,
      },
      {
        file: "packages/server/src/service/start-server.ts",
        text: 'import { archivesInThread } from "../desk/archive/archive-thread.ts"',
        replacement:
          'import { createArchiveMaker } from "../desk/archive/archive-maker.ts"\nimport { archivesInThread } from "../desk/archive/archive-thread.ts"',
      },
    ],
    tests: ["packages/server/src/desk/archive/archive-thread.test.ts"],
  },
  {
    name: "backup-half",
    without: "a backup without one of its folders is refused before anything is written",
    edits: [
      {
        file: `${operator}/backup.ts`,
        text: "&& !existsSync(join(folder, half))) throw refused(missingHalf(half))",
        replacement: "&& !existsSync(join(folder, half))) void missingHalf",
      },
    ],
    tests: [`${operator}/backup.test.ts`],
  },
  {
    name: "backup-segment",
    without: "a copy is begun anew when a segment was taken over while it was made",
    edits: [
      {
        file: `${operator}/delivery-copy.ts`,
        text: "numbers !== undefined && (before[0] === undefined || before[0] === numbers[0])",
        replacement: "numbers !== undefined && before.length >= 0",
      },
    ],
    tests: [`${operator}/delivery-copy.test.ts`],
  },
  {
    name: "package-given-once",
    without: "a one-time KeyPackage is gone once it was given out",
    edits: [
      {
        file: `${packages}.ts`,
        text: 'db.run("DELETE FROM memory.one_time_packages WHERE package_order = ?", oneTime.package_order)',
        replacement: "void oneTime.package_order",
      },
    ],
    tests: [`${packages}.test.ts`, "packages/server/src/accounts/store/sqlite/store.test.ts"],
  },
  {
    name: "package-memory",
    without: "KeyPackages of all devices together take a bounded part of the memory",
    edits: [
      {
        file: `${packages}.ts`,
        text: '* count("page_size") <= maxBytes) return',
        replacement: '* count("page_size") >= 0 || maxBytes < 0) return',
      },
    ],
    tests: [`${packages}.test.ts`],
  },
  {
    name: "acks-in-memory",
    without: "how far a seat has read is in memory only",
    edits: [
      {
        file: "packages/server/src/delivery/log/acks.ts",
        text: "    seat.acked = order\n",
        replacement: '    seat.acked = order\n    changes.push({ ...seat, kind: "rekey", groupId, seat: seat.id, rekeyed: order })\n',
      },
    ],
    tests: ["packages/server/src/delivery/delivery-half.test.ts"],
  },
  {
    name: "days-beside-groups",
    without: "beside a group only days stand on the disk",
    edits: [
      { file: "packages/server/src/delivery/store/sqlite/hours.ts", text: "return hour - (hour % dayHours)", replacement: "return hour" },
    ],
    tests: ["packages/server/src/delivery/store/sqlite/days.test.ts"],
  },
  {
    name: "unused-group-ends",
    without: "a group that nobody uses ends",
    edits: [
      {
        file: "packages/server/src/delivery/store/sqlite/retention.ts",
        text: "if (lastHour < periodOf(input.unusedBeforeHour) && !isInUse(groupId)) {",
        replacement: "if (lastHour < 0 && !isInUse(groupId)) {",
      },
    ],
    tests: ["packages/server/src/delivery/store/sqlite/delivery-store.test.ts"],
  },
  {
    name: "used-group-stays",
    without: "a group with something in a segment is in use",
    edits: [
      {
        file: "packages/server/src/delivery/store/sqlite/retention.ts",
        text: " && !isInUse(groupId)) {",
        replacement: " && isInUse !== undefined) {",
      },
    ],
    tests: ["packages/server/src/delivery/store/sqlite/delivery-store.test.ts"],
  },
  {
    name: "hidden-hours",
    without: "the hour of a body is under a pad on the disk",
    edits: [
      {
        file: "packages/server/src/delivery/store/sqlite/hours.ts",
        text: 'return hash("sha256", input, "buffer").readUInt32BE() % dayHours',
        replacement: "return (void hash, input.length * 0)",
      },
    ],
    tests: ["packages/server/src/delivery/store/sqlite/days.test.ts"],
  },
  {
    name: "weeks-beside-groups",
    without: "on which day a group was last used is not on the disk",
    edits: [
      {
        file: "packages/server/src/delivery/store/sqlite/hours.ts",
        text: "return hour - (hour % periodHours)",
        replacement: "return dayOf(hour)",
      },
    ],
    tests: ["packages/server/src/delivery/store/sqlite/days.test.ts"],
  },
]
