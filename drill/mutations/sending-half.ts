// The sending side of a device: what it believes of a posting stream, of tokens and passes, and of what others say about time.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

function of(
  name: string,
  without: string,
  {
    file,
    text,
    replacement = "",
    test,
  }: { readonly file: string; readonly text: string; readonly replacement?: string; readonly test: string },
): Mutation {
  return { name, without, edits: [{ file: `${client}/${file}.ts`, text, replacement }], tests: [`${client}/${test}.test.ts`] }
}

/** A check of what the server says on the posting stream. */
function posting(name: string, without: string, text: string, replacement: string): Mutation {
  return {
    name: `posting-${name}`,
    without,
    edits: [{ file: `${client}/sending/posting.ts`, text, replacement }],
    tests: [`${client}/sending/posting.test.ts`],
  }
}

export const sendingHalfMutations: readonly Mutation[] = [
  {
    name: "written-time-early",
    without: "a sender's time before the server's hour moves a message by five minutes at most",
    edits: [{ file: `${client}/core/written-time.ts`, text: "Math.max(claimedMs, fromMs)", replacement: "claimedMs" }],
    tests: ["packages/client/src/core/written-time.test.ts"],
  },
  {
    name: "written-time-late",
    without: "a sender's time after the server's hour moves a message by five minutes at most",
    edits: [
      {
        file: `${client}/core/written-time.ts`,
        text: "Math.min(Math.max(claimedMs, fromMs), untilMs)",
        replacement: "Math.max(claimedMs, fromMs)",
      },
    ],
    tests: ["packages/client/src/core/written-time.test.ts"],
  },
  {
    name: "receipts-delayed",
    without: "receipts go out some time after what they answer, at random",
    edits: [{ file: `${client}/sending/receipt-timing.ts`, text: "inMs: this.#delayMs()", replacement: "inMs: 0" }],
    tests: ["packages/client/src/sending/receipt-timing.test.ts"],
  },
  posting(
    "answer-kind",
    "an answer is of the kind that the item gets, and of an item that is under way",
    "if (!sent || answerTo[sent.item.type] !== answer.type) return false",
    "if (!sent) return true",
  ),
  posting(
    "order-zero",
    "only what is ephemeral has no place",
    'if (answer.type === "placed" && (answer.order === 0) !== isEphemeral(sent.item)) return false',
    "",
  ),
  posting(
    "large-before-opened",
    "what is large waits until the server has opened the stream",
    "(isMuch && (!isProven || frame.length > 0",
    "(isMuch && (frame.length > 0",
  ),
  posting("opened-twice", "a stream is opened once", "if (this.#stream?.isProven) return false", ""),
  posting(
    "believed-once",
    "a stream that said something false is left",
    "if (!this.#take(answer)) return this.#lost()",
    "this.#take(answer)",
  ),
  posting("under-way", "what is under way is bounded", " && this.#underWay.size < underWayMax.items", ""),
  posting("waiting", "what waits is bounded", " || this.#queue.length >= waitingMax", ""),
  posting("sent-twice", "a server that never answers is not asked for ever", "({ sent }) => sent < sendings", "() => true"),
  posting(
    "not-connected",
    "a server that cannot be reached is not asked at once again",
    "if (wasUp && (wasProven || unanswered.length > 0)) this.#soon()",
    "if (true) this.#soon()",
  ),
  of("token-spent-once", "a token is gone from the store before it is shown", {
    file: "store/tokens",
    text: 'tx.write("DELETE FROM token WHERE input = ?", row["input"] as Uint8Array)',
    test: "sending/tokens",
  }),
  of("token-of-past-keys", "a token of a key epoch that is over is not shown", {
    file: "store/tokens",
    text: "AND key_epoch >= ? ORDER BY",
    replacement: "AND ? >= 0 ORDER BY",
    test: "sending/tokens",
  }),
  of("token-signature", "a signature that does not hold gives no token", {
    file: "platform/blind-signatures",
    text: "return await suite.finalize(publicKey, suite.prepare(message), signature, inverse)",
    replacement: "return signature",
    test: "sending/tokens",
  }),
  of("token-signatures-told", "signatures that do not hold are told of", {
    file: "sending/tokens",
    text: "if (tokens.length < batch.length)",
    replacement: "if (false)",
    test: "sending/tokens",
  }),
  of("token-batch-begun", "a batch whose answer was lost is sent again as it was", {
    file: "sending/tokens",
    text: "if (batch.length === limits.tokensPerDay) return { key, batch }",
    test: "sending/tokens",
  }),
  of("pass-of-both", "a pass that the server gave out for reading and posting is not shown", {
    file: "sending/passes",
    text: "if (this.#isOther(pass)) return this.#drop()\n",
    test: "sending/passes",
  }),
  of("pass-expired", "an expired pass is not shown", {
    file: "sending/passes",
    text: " && hour < this.#pass.expiryHour",
    replacement: "",
    test: "sending/passes",
  }),
  of("pass-refused", "a pass that was refused gives way to a token", {
    file: "sending/passes",
    text: "else this.#isRefused = true\n",
    test: "sending/passes",
  }),
  of("pass-sparing", "a server that refuses every pass does not get all tokens of the day", {
    file: "sending/passes",
    text: "(!this.#isRefused || this.#isSparing())",
    replacement: "!this.#isRefused",
    test: "sending/passes",
  }),
  of("hosts-of-this-server", "names of streams come from the server's own answer", {
    file: "receiving/server-hosts",
    text: "origin === own.origin && ",
    replacement: "(void origin, true) && ",
    test: "receiving/server-hosts",
  }),
  of("hosts-are-hosts", "the name of a stream's host is nothing but that", {
    file: "receiving/server-hosts",
    text: " && Object.values(hosts).every(isHost)",
    replacement: " && isHost !== undefined",
    test: "receiving/server-hosts",
  }),
  of("looked-without-stream", "who keeps the stream from a device does not keep it from looking at its own account", {
    file: "trust/watch",
    text: "if (this.#isOnline) return { againInMs: everyMs }",
    replacement: "if (this.#isOnline || everyMs > 0) return { againInMs: everyMs }",
    test: "trust/watch",
  }),
  of("too-many-chats", "a person in more chats than one stream reads is told", {
    file: "receiving/reading",
    text: "if (all.length > limits.subscriptions) await",
    replacement: "if (all.length < 0) await",
    test: "receiving/reading",
  }),
  of("introduced-apart", "up to sixteen people are introduced apart from each other", {
    file: "sending/introductions",
    text: "const isApart = accounts.length <= apartMax",
    replacement: "const isApart = false",
    test: "sending/introductions",
  }),
  of("introduced-again", "an introduction is left again until the device has taken its seat: the server may have forgotten it", {
    file: "sending/introductions",
    text: "else introductionSent(tx, id, { nextMs: clock.nowMs() + doubledMs(sent + 1, again) })",
    replacement: "else (void introductionSent, void doubledMs, void again, void sent, deleteIntroduction(tx, id))",
    test: "sending/introductions",
  }),
  of("introductions-forgotten", "a server that was started anew is left its introductions again at once", {
    file: "store/group/introductions",
    text: 'tx.write("UPDATE introduction SET next_ms = 0 WHERE due = 1 AND sent > 0")',
    replacement: "void tx",
    test: "sending/introductions",
  }),
  of("introductions-forgotten-often", "a server that forgets sessions all the time is not heeded more often than every ten minutes", {
    file: "sending/introductions",
    text: "if (this.#forgottenAtMs !== undefined && Math.abs(nowMs - this.#forgottenAtMs) < forgottenMs) return",
    replacement: "void forgottenMs",
    test: "sending/introductions",
  }),
  of("introductions-arrived", "no more than 256 introductions wait that came in chats", {
    file: "store/group/arrived-introductions",
    text: "WHERE (SELECT COUNT(*) FROM arrived_introduction) < ?",
    replacement: "WHERE ? > 0",
    test: "receiving/introductions",
  }),
  of("introductions-not-waited", "a server that does not wait is not asked at once again", {
    file: "receiving/introductions",
    text: "Math.max(0, leastMs - Math.max(0, clock.nowMs() - askedMs))",
    replacement: "0",
    test: "receiving/introductions",
  }),
  of("claimed-asked-for", "a device that nobody asked for is left out of the answer to a claim", {
    file: "sending/claims",
    text: "claims.filter(({ accountId }) => wanted.has(toHex(accountId)))",
    replacement: "claims",
    test: "sending/claims",
  }),
  of("claimed-apart", "up to sixteen people are asked for apart from each other", {
    file: "sending/claims",
    text: "const isApart = accounts.length <= apartMax",
    replacement: "const isApart = false",
    test: "sending/claims",
  }),
  of("claim-tokens-tried", "a server that takes no token is not given all of them", {
    file: "sending/claims",
    text: "if (!isOfToken || left <= 1) throw error",
    replacement: "if (!isOfToken) throw error",
    test: "sending/claims",
  }),
  of("spare-once", "a spare KeyPackage is used once", {
    file: "sending/claims",
    text: "await transactions.run(async (tx) => found.forEach((spare) => deleteSpare(tx, spare)))\n",
    test: "sending/claims",
  }),
  of("spare-old", "a spare KeyPackage that is old is not used", {
    file: "store/group/spare-key-packages",
    text: "s.arrived_ms > ? AND g.status",
    replacement: "? IS NOT NULL AND g.status",
    test: "sending/claims",
  }),
  of("log-two-of-one-size", "two logs of one size, shown side by side, are found", {
    file: "trust/log/key-log",
    text: 'if (now && isSame && !equal(now.root, verified.head.root)) throw new KeylogError("tree_consistency", "two logs of one size")',
    test: "trust/log/key-log",
  }),
  of("log-side-by-side", "an answer that leads to another head than what is stored by now is asked for again", {
    file: "trust/log/key-log",
    text: "if (now === stored || isSame)",
    replacement: "if (true)",
    test: "trust/log/key-log",
  }),
]
