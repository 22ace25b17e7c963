import { ClientError, clientErrorCodes } from "@nodoor/client"
import { errorCodes } from "@nodoor/wire"
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { CliError, cliErrorCodes } from "./cli-error.ts"
import { exitCodeOf, explain } from "./exit-code.ts"
import { duration } from "./terminal.ts"
import { ScriptedDevice, bob, carol, chatOf, messageOf, scriptedTerminal } from "./fixtures/scripted-device.ts"

test("the profile stands before or after the verb, or in the environment, and the line wins", async () => {
  const { run, opened } = scriptedTerminal(new ScriptedDevice())
  const env = { NODOOR_PROFILE: "/e", XDG_DATA_HOME: "/data" }
  await run(["--profile", "/a", "whoami"], { env })
  await run(["whoami", "--profile=/b"], { env })
  await run(["group", "members", "--profile", "/c", "@bob"], { env })
  await run(["whoami"], { env })
  await run(["whoami"], { env: { XDG_DATA_HOME: "/data" } })
  assert.deepEqual(opened, ["/a", "/b", "/c", "/e", "/data/nodoor/default"])
  await run(["whoami"], { env: { NODOOR_PROFILE: "", XDG_DATA_HOME: "/data" } })
  assert.equal(opened.at(-1), "/data/nodoor/default")
  assert.equal((await run(["whoami", "--profile"])).code, 2)
})

test("a word after -- is text even if it looks like a flag", async () => {
  const device = new ScriptedDevice()
  const { run, opened } = scriptedTerminal(device)
  const { code } = await run(["--profile", "/a", "send", "@bob", "--", "--profile"])
  assert.equal(code, 0)
  assert.deepEqual(device.calls.at(-1), ["send", "dd".repeat(32), { text: "--profile" }])
  assert.deepEqual(opened, ["/a"])
})

test("no words, an unknown verb, an unknown flag and a missing argument are usage errors that name the next command", async () => {
  const { run } = scriptedTerminal(new ScriptedDevice())
  for (const words of [
    [],
    ["sned", "@bob"],
    ["chats", "--jsno"],
    ["safety"],
    ["receive", "--max", "0"],
    ["receive", "--wait", "soon"],
    ["send", "@bob"],
  ]) {
    const { code, talk, out } = await run(words)
    assert.equal(code, 2, words.join(" "))
    if (words.length > 0) {
      assert.match(talk, /^nodoor: .+ \(usage\)\n  next: nodoor /, words.join(" "))
      assert.deepEqual(out, [])
    }
  }
  assert.match((await run(["sned"])).talk, /next: nodoor send/)
})

test("help and version are results", async () => {
  const { run } = scriptedTerminal(new ScriptedDevice())
  const help = await run(["--help"])
  assert.equal(help.code, 0)
  assert.match(help.out.join("\n"), /Exit codes: 0 done/)
  assert.deepEqual((await run(["--version"])).out, ["0.1.0"])
  assert.equal((await run(["send", "--help"])).code, 0)
})

test("every error code has its exit code, and only faults of this machine end with 1", () => {
  const here = [
    "store_newer",
    "store_older",
    "store_unreadable",
    "store_full",
    "store_busy",
    "store_failing",
    "store_damaged",
    "older_copy",
    "closed",
    "profile_busy",
    "profile_damaged",
    "profile_unwritable",
    "disk_full",
    "disk_failing",
    "key_unavailable",
    "output_closed",
    "state_damaged",
  ]
  const codes = (errors: readonly (ClientError | CliError)[]) =>
    errors.filter((error) => exitCodeOf(error) === 1).map(({ code }) => code as string)
  assert.deepEqual(
    codes([...clientErrorCodes.map((code) => new ClientError(code, "x")), ...cliErrorCodes.map((code) => new CliError(code, "x"))]),
    here,
  )
  for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) assert.ok(exitCodeOf(new ClientError(code, "x")) >= 3, code)
  assert.equal(exitCodeOf(new ClientError("handle_taken", "x")), 6)
  assert.equal(exitCodeOf(new ClientError("unreachable", "x")), 5)
  assert.equal(exitCodeOf(new ClientError("identity_untrusted", "x")), 4)
  assert.equal(exitCodeOf(new ClientError("not_found", "x")), 3)
  assert.equal(exitCodeOf(new TypeError("x")), 1)
  assert.match(explain(new TypeError("x")), /This is a bug in nodoor/)
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" })
  assert.deepEqual([exitCodeOf(full), explain(full).split("\n").length], [1, 2])
})

test("every error code of the terminal is one that something here ends with", () => {
  const sources = globSync("**/*.ts", { cwd: import.meta.dirname }).filter((path) => !path.endsWith(".test.ts"))
  const text = sources.map((path) => readFileSync(join(import.meta.dirname, path), "utf8")).join("\n")
  const thrown = new Set([...text.matchAll(/new CliError\(\s*"(\w+)"/g)].map(([, code]) => code))
  assert.deepEqual(
    cliErrorCodes.filter((code) => !thrown.has(code)),
    [],
  )
})

test("an error of the device ends with its exit code and the profile is closed all the same", async () => {
  const device = new ScriptedDevice()
  device.failWith = new ClientError("not_allowed", "Only admins may do this.")
  device.put(chatOf("11"), [])
  const { run } = scriptedTerminal(device)
  const { code, talk } = await run(["group", "rename", "Team", "Other"])
  assert.equal(code, 4)
  assert.match(talk, /Only admins may do this\. \(not_allowed\)/)
  assert.equal(device.closed, 1)
})

test("a device whose account the server refuses prints what is here, stores what is written, and ends with the refusal's words and code", async () => {
  const device = new ScriptedDevice()
  const team = chatOf("11")
  device.put(team, [messageOf(team, 0, bob)])
  device.online = false
  device.refusal = { status: "refused", code: "account_suspended", message: "Whoever runs this server has suspended your account." }
  const { run } = scriptedTerminal(device)
  const received = await run(["receive"])
  assert.deepEqual([received.out.length, received.code], [1, 6])
  assert.match(received.talk, /suspended your account\. \(account_suspended\)/)
  const sent = await run(["send", "--chat", "Team", "later"])
  assert.equal(sent.code, 6)
  assert.match(sent.talk, /account_suspended\)\n {2}next: .*goes out once/)
  assert.ok(device.calls.some(([name]) => name === "send"))
})

test("send prints the id of the message once the server has it", async () => {
  const device = new ScriptedDevice()
  const team = chatOf("11")
  device.put(team, [])
  const { run } = scriptedTerminal(device)
  assert.equal((await run(["send", "@bob", "hello"])).out[0]?.length, 64)
  await run(["send", "--chat", "Team", "-"], { stdin: "two\nlines\n" })
  await run(["send", "--chat", "111111", "by id", "--reply-to", "ab"])
  assert.deepEqual(
    device.calls.filter(([name]) => name === "send").map(([, chat, message]) => [chat, message]),
    [
      ["dd".repeat(32), { text: "hello" }],
      [team.id, { text: "two\nlines" }],
      [team.id, { text: "by id", inReplyTo: "ab" }],
    ],
  )
})

test("what is sent reaches the others as it was given, unless it is said to be Markdown", async () => {
  const device = new ScriptedDevice()
  device.put(chatOf("11"), [])
  const { run } = scriptedTerminal(device)
  await run(["send", "@bob", "*so* 2*3*4 and C:\\*x*"])
  await run(["send", "--markdown", "@bob", "**so** 2\\*3"])
  const texts = device.calls.filter(([name]) => name === "send").map(([, , message]) => (message as { text: string }).text)
  assert.deepEqual(texts, ["**so** 2\\*3\\*4 and C:\\\\\\*x\\*", "**so** 2\\*3"])
})

test("send refuses an empty text, an unknown person and an unknown or ambiguous chat", async () => {
  const device = new ScriptedDevice()
  device.put(chatOf("11"), [])
  device.put(chatOf("22"), [])
  const { run } = scriptedTerminal(device)
  assert.equal((await run(["send", "@bob", "-"], { stdin: "\n" })).code, 2)
  assert.equal((await run(["send", "@dave", "x"])).code, 3)
  assert.equal((await run(["send", "--chat", "333333", "x"])).code, 3)
  assert.equal((await run(["send", "--chat", "Team", "x"])).code, 2)
  assert.equal(device.calls.filter(([name]) => name === "send").length, 0)
})

test("a message that the server has not confirmed ends with 5 and says that it goes out later", async () => {
  const device = new ScriptedDevice()
  device.online = false
  const { run } = scriptedTerminal(device)
  const { code, out, talk } = await run(["send", "@bob", "hello"])
  assert.equal(code, 5)
  assert.equal(out.length, 1)
  assert.match(talk, /stored on this device and will be sent automatically/)
})

test("groups are made and changed with handles, chats by title or id", async () => {
  const device = new ScriptedDevice()
  const team = chatOf("11")
  device.put(team, [])
  const { run } = scriptedTerminal(device)
  assert.deepEqual((await run(["group", "create", "New", "@bob", "@carol"])).out, ["99".repeat(32)])
  for (const words of [
    ["add", "Team", "@carol"],
    ["remove", "Team", "bob"],
    ["role", "Team", "@bob", "admin"],
    ["rename", "Team", "Crew"],
    ["leave", team.id],
  ]) {
    assert.equal((await run(["group", ...words])).code, 0, words.join(" "))
  }
  assert.deepEqual(device.calls, [
    ["createGroup", { name: "New", accountIds: [bob.accountId, carol.accountId] }],
    ["addMembers", team.id, [carol.accountId]],
    ["removeMember", team.id, bob.accountId],
    ["setRole", team.id, bob.accountId, "admin"],
    ["rename", team.id, "Crew"],
    ["leave", team.id],
  ])
  assert.equal((await run(["group", "remove", "Team", "@dave"])).code, 3)
  assert.equal((await run(["group", "role", "Team", "@bob", "boss"])).code, 2)
  assert.deepEqual((await run(["group", "rules", "Team", "--post", "admins", "--json"])).out, [
    '{"add":"admins","rename":"admins","post":"admins"}',
  ])
})

test("only the right 60 digits verify a person; others end with 4 and mark nothing", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  const { out } = await run(["safety", "@bob"])
  const digits = out.join(" ").replaceAll("\n", " ")
  assert.equal(digits.split(" ").length, 12)
  assert.equal((await run(["verify", "@bob", "--digits", digits.replace("10003", "10030")])).code, 4)
  assert.equal((await run(["verify", "@bob", "--digits", "12345"])).code, 2)
  assert.equal((await run(["verify", "@bob"])).code, 2)
  assert.deepEqual(device.calls, [])
  assert.equal((await run(["verify", "@bob", "--digits", digits])).code, 0)
  assert.equal((await run(["verify", "@bob", "--withdraw"])).code, 0)
  assert.deepEqual(device.calls, [
    ["setVerified", bob.accountId, true],
    ["setVerified", bob.accountId, false],
  ])
})

test("chats leaves requests to their own list, and a request is accepted by the handle of who sent it", async () => {
  const device = new ScriptedDevice()
  const request = chatOf("22", { kind: "dm", title: "Carol", state: "request", peer: carol })
  device.put(chatOf("11", { title: "Te\u001b[31mam", activityMs: 1 }), [])
  device.put(request, [messageOf(request, 0, carol)])
  const { run } = scriptedTerminal(device)
  const { out } = await run(["chats"])
  assert.equal(out.length, 1)
  assert.match(out[0] ?? "", /^111111111111 {2}.+Te\\u001b\[31mam {2}3 members$/)
  assert.deepEqual(JSON.parse((await run(["requests", "--json"])).out[0] ?? ""), {
    chat: request.id,
    kind: "dm",
    title: "Carol",
    state: "request",
    peer: "@carol",
    members: 3,
    unread: 0,
    time: 0,
    folder: "",
    markedUnread: false,
    muted: false,
  })
  assert.equal((await run(["accept", "@carol"])).code, 0)
  assert.deepEqual(device.calls, [["acceptRequest", request.id]])
})

test("register takes the code of the e-mail from a person, a file or stdin, never from the line", async () => {
  const base = ["register", "--server", "http://localhost:8080", "--handle", "alice", "--name", "Alice Example"]
  const asked = scriptedTerminal(new ScriptedDevice(), { interactive: true, answer: "1234 5678" })
  assert.equal((await asked.run([...base, "--email", "a@b.example"])).code, 0)
  assert.deepEqual(asked.codesSent, ["a@b.example"])
  assert.equal(asked.registrations[0]?.emailCode, "12345678")

  const piped = scriptedTerminal(new ScriptedDevice())
  const first = await piped.run([...base, "--email", "a@b.example"])
  assert.equal(first.code, 2)
  assert.match(first.talk, /email_code_needed\)\n  next: .*--email-code-file/)
  assert.equal((await piped.run([...base, "--email", "a@b.example", "--email-code-file", "-"], { stdin: "12345678\n" })).code, 0)
  assert.deepEqual(piped.codesSent, ["a@b.example"])
  assert.equal((await piped.run([...base, "--email", "a@b.example", "--email-code-file", "-"], { stdin: "1234" })).code, 2)
})

test("register refuses an address that would send the account over an open network, and a bad handle", async () => {
  const { run, registrations } = scriptedTerminal(new ScriptedDevice())
  const line = (server: string, handle = "alice") => ["register", "--server", server, "--handle", handle, "--name", "A"]
  for (const server of [
    "http://chat.example.org",
    "ftp://x",
    "chat.example.org",
    "https://u:p@chat.example.org",
    "https://chat.example.org/x",
  ]) {
    assert.equal((await run(line(server))).code, 2, server)
  }
  assert.equal((await run(line("https://chat.example.org", "Al"))).code, 2)
  assert.deepEqual(registrations, [])
  assert.equal((await run([...line("https://chat.example.org/"), "--invite", "https://chat.example.org/i/ABC-1"])).code, 0)
  assert.deepEqual(registrations, [{ serverUrl: "https://chat.example.org", handle: "alice", name: "A", invite: "ABC-1" }])
  registrations.length = 0
  for (const passedOn of [
    "chat.example.org/i/ABC-1/",
    "https://chat.example.org/i/ABC-1#@bob",
    "<https://chat.example.org/i/ABC-1>.",
    " ABC-1 ",
  ])
    assert.equal((await run([...line("https://chat.example.org"), "--invite", passedOn])).code, 0, passedOn)
  assert.deepEqual(new Set(registrations.map(({ invite }) => invite)), new Set(["ABC-1"]))
  const elsewhere = await run([...line("https://chat.example.org"), "--invite", "https://other.example/i/ABC-1"])
  assert.equal(elsewhere.code, 2)
  assert.match(elsewhere.talk, /another server, other\.example/)
  assert.equal(registrations.length, 4)
})

test("the link of a person is taken for their handle, and that of another server for nobody's", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  assert.equal((await run(["send", "localhost:8080/@Bob.", "hello"])).code, 0)
  const refused = await run(["send", "https://other.example/@bob", "hello"])
  assert.equal(refused.code, 2)
  assert.match(refused.talk, /another server, other\.example/)
  assert.equal(device.calls.filter(([name]) => name === "send").length, 1)
})

test("alarms are told with every receive until they are read, listed, acknowledged by the beginning of their id, and give their evidence", async () => {
  const device = new ScriptedDevice()
  const alarm = { level: "red", chatId: undefined, accountId: bob.accountId, text: "Bob\u0007 has other keys.", atMs: 0 } as const
  device.alarmList = [
    { ...alarm, id: "ab".repeat(16), code: "log_fork" },
    { ...alarm, id: "ac".repeat(16), code: "read_already", acknowledgedAtMs: 1 },
  ]
  const { run } = scriptedTerminal(device)
  const { talk } = await run(["receive"])
  assert.match(talk, /^No new messages\.\nALARM: Bob\\u0007 has other keys\. \(log_fork\)\n  next: nodoor alarms$/)
  assert.equal((await run(["alarms"])).out.length, 2)
  assert.equal((await run(["alarms", "list", "--json"])).out.length, 2)
  assert.equal((await run(["alarms", "acknowledge", "a"])).code, 2)
  assert.equal((await run(["alarms", "acknowledge", "ad"])).code, 3)
  assert.equal((await run(["alarms", "acknowledge", "ABAB"])).code, 0)
  assert.deepEqual(device.calls, [["acknowledgeAlarm", "ab".repeat(16)]])
  assert.deepEqual((await run(["alarms", "evidence", "abab"])).out, ["evidence"])
})

test("evidence about a member is checked by this device: proven, nothing proven, and not checked are told apart", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  const file = import.meta.filename
  const { id: chatId } = chatOf("11")
  device.put(chatOf("11"), [])
  const notChecked = await run(["alarms", "check", file])
  assert.deepEqual([notChecked.code, notChecked.out], [4, []])
  assert.match(notChecked.talk, /not checked/)
  device.evidenceCheck = { status: "unproven", chatId }
  const unproven = await run(["alarms", "check", file])
  assert.equal(unproven.code, 4)
  assert.match(unproven.talk, /proves nothing/)
  device.evidenceCheck = { status: "proven", code: "P9", chatId, accountId: bob.accountId, deviceId: "ee".repeat(16) }
  const proven = await run(["alarms", "check", file])
  assert.deepEqual([proven.code, proven.out.join("\n").includes(bob.accountId)], [0, true])
  assert.equal((await run(["alarms", "check", `${file}.none`])).code, 2)
})

test("an account is deleted only with --yes and under its own handle", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  const { handle } = await device.device.account()
  assert.equal((await run(["account", "delete", `@${handle}`])).code, 2)
  assert.equal((await run(["account", "delete", "--yes", "@somebody-else"])).code, 2)
  assert.deepEqual(device.calls, [])
  const { code, out } = await run(["account", "delete", "--yes", `@${handle}`])
  assert.deepEqual([code, out, device.calls], [0, [`@${handle} is deleted`], [["deleteAccount"]]])
})

test("devices lists, removes and claims devices, and safety --check looks the person up in the log first", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  assert.match((await run(["devices"])).out[0] ?? "", /cli {2}this device$/)
  assert.equal((await run(["devices", "revoke", "AB"])).code, 0)
  assert.equal((await run(["devices", "mine", "cd"])).code, 0)
  assert.equal((await run(["safety", "@bob", "--check"])).code, 0)
  assert.deepEqual(device.calls, [
    ["removeOwnDevice", "ab"],
    ["acknowledgeOwnDevice", "cd"],
    ["checkTransparency", bob.accountId],
  ])
})

test("titles and handles are compared as they are shown: what looks alike is not told apart, other capitals only where nothing else fits", async () => {
  const device = new ScriptedDevice()
  const plain = chatOf("11", { title: "Caf\u00e9 Team" })
  device.put(plain, [])
  const { run } = scriptedTerminal(device)
  for (const reference of ["Caf\u00e9 Team", "Cafe\u0301  Team", "caf\u00e9 team", " Café\u200b Team "]) {
    const { code, talk } = await run(["send", "--chat", reference, "x"])
    assert.equal(code, 0, `${reference}: ${talk}`)
    assert.deepEqual(device.calls.at(-1)?.slice(0, 2), ["send", plain.id])
  }
  const twin = chatOf("44", { title: "Cafe\u0301 Te\u200bam" })
  device.put(twin, [])
  const alike = await run(["send", "--chat", "Caf\u00e9 Team", "x"])
  assert.deepEqual([alike.code, /2 chats match/.test(alike.talk)], [2, true])
  device.put(chatOf("55", { title: "TEAM" }), [])
  device.put(chatOf("66", { title: "Team" }), [])
  assert.equal((await run(["send", "--chat", "Team", "x"])).code, 0)
  assert.equal((await run(["send", "--chat", "team", "x"])).code, 2)
  for (const who of ["@Bob", "\uff20bob", "@bob\u200b", "BOB"]) assert.equal((await run(["safety", who])).code, 0, who)
})

test("a handle without its @ is no chat, and the @ is suggested", async () => {
  const device = new ScriptedDevice()
  device.put(chatOf("11"), [])
  const { run } = scriptedTerminal(device)
  const { code, talk } = await run(["send", "Carol", "hello"])
  assert.equal(code, 3)
  assert.match(talk, /There is no chat Carol\. \(not_found\)\n {2}next: to write to a person, use @: @carol/)
})

test("a list with nothing in it says so, and prints nothing", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  for (const [words, said] of [
    [["chats"], /No chats yet/],
    [["chats", "--json"], /No chats yet/],
    [["requests"], /No requests/],
    [["alarms"], /No alarms/],
    [["receive"], /No new messages/],
  ] as const) {
    const { code, out, talk } = await run(words)
    assert.deepEqual([code, out], [0, []], words.join(" "))
    assert.match(talk, said)
  }
  device.put(chatOf("11"), [])
  const { out, talk } = await run(["messages", "--chat", "Team"])
  assert.deepEqual([out, talk], [[], "No messages in this chat yet."])
})

test("a duration is told in words", () => {
  const told = [0, 1, 1000, 90_000, 5_400_000, 129_600_000, 86_400_000, 172_800_001].map(duration)
  assert.deepEqual(told, [
    "no time",
    "1 millisecond",
    "1 second",
    "1 minute 30 seconds",
    "1 hour 30 minutes",
    "1 day 12 hours",
    "1 day",
    "2 days",
  ])
})
