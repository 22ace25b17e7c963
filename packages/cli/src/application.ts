// The command line: which verbs there are, how errors are told, what the exit code is.

import { type Application, type Command, ExitCode, type RouteMap, buildApplication, buildRouteMap, run, text_en } from "@stricli/core"
import { homedir } from "node:os"
import { join } from "node:path"
import { CliError } from "./cli-error.ts"
import type { CliContext, OpenNetwork, Profiles } from "./context.ts"
import { exitCodeOf, exitCodes, explain } from "./exit-code.ts"
import type { Terminal } from "./terminal.ts"

export interface World {
  readonly terminal: Terminal
  readonly profiles: Profiles
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version: string
}

/** Runs one command line (without the program's name) and returns its exit code. Never throws. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const { terminal, profiles, env, version } = world
  let written = Promise.resolve()
  let failure: unknown
  const process: CliContext["process"] & { env: typeof env; exitCode?: number | string | null } = {
    // Help and version, the only things the library prints by itself, are results too.
    stdout: { write: (text) => void (written = written.then(() => terminal.print(text.trimEnd()))) },
    stderr: { write: (text) => terminal.talk(text.trimEnd()) },
    env,
  }
  try {
    const { profile, proxy, rest } = takeOptions(words)
    const network = await networkThrough(proxy ?? env["NODOOR_PROXY"])
    const profilePath = profile ?? (env["NODOOR_PROFILE"] || defaultProfile(env))
    const inputs = rest.length === 0 ? ["--help"] : rest
    const app = application(await routesOf(inputs), version, (error) => (failure = error))
    await run(app, inputs, { process, terminal, profiles, profilePath, network })
    await written
    if (rest.length === 0) return exitCodes.usage
  } catch (error) {
    failure = error
    terminal.talk(explain(error))
  }
  if (failure !== undefined) return exitCodeOf(failure)
  const code = process.exitCode ?? ExitCode.Success
  return code === ExitCode.Success
    ? exitCodes.ok
    : code === ExitCode.UnknownCommand || code === ExitCode.InvalidArgument
      ? exitCodes.usage
      : exitCodes.here
}

type Verb = Command<CliContext> | RouteMap<CliContext>

/** Each verb with its module: a command line loads its own, as all of them together take longer than most commands do. */
const verbs = {
  link: async () => (await import("./command/link.ts")).link,
  register: async () => (await import("./command/register.ts")).register,
  send: async () => (await import("./command/send.ts")).send,
  save: async () => (await import("./command/save.ts")).save,
  receive: async () => (await import("./command/receive.ts")).receive,
  chats: async () => (await import("./command/chats.ts")).chats,
  messages: async () => (await import("./command/chats.ts")).messages,
  requests: async () => (await import("./command/chats.ts")).requests,
  forward: async () => (await import("./command/forward.ts")).forward,
  star: async () => (await import("./command/forward.ts")).star,
  starred: async () => (await import("./command/forward.ts")).starred,
  delete: async () => (await import("./command/delete.ts")).deleteMessage,
  folder: async () => (await import("./command/chats.ts")).folder,
  folders: async () => (await import("./command/folders.ts")).folders,
  mute: async () => (await import("./command/folders.ts")).mute,
  accept: async () => (await import("./command/chats.ts")).accept,
  block: async () => (await import("./command/chats.ts")).block,
  group: async () => (await import("./command/group.ts")).group,
  devices: async () => (await import("./command/devices.ts")).devices,
  alarms: async () => (await import("./command/alarms.ts")).alarms,
  notices: async () => (await import("./command/notices.ts")).notices,
  canary: async () => (await import("./command/canary.ts")).canary,
  safety: async () => (await import("./command/trust.ts")).safety,
  verify: async () => (await import("./command/trust.ts")).verify,
  whoami: async () => (await import("./command/trust.ts")).whoami,
  export: async () => (await import("./command/export.ts")).exportData,
  archive: async () => (await import("./command/archive.ts")).archive,
  backup: async () => (await import("./command/backup.ts")).backup,
  recovery: async () => (await import("./command/recovery.ts")).recovery,
  account: async () => (await import("./command/account.ts")).account,
  kt: async () => (await import("./kt/routes.ts")).kt,
} as const satisfies Readonly<Record<string, () => Promise<Verb>>>

/** The verb that the line begins with; all of them for a line that begins with none, which is told which there are. */
async function routesOf([first = ""]: readonly string[]): Promise<Readonly<Record<string, Verb>>> {
  const names = Object.keys(verbs) as (keyof typeof verbs)[]
  const wanted = names.filter((name) => name === first)
  const loaded: Record<string, Verb> = {}
  for (const name of wanted.length > 0 ? wanted : names) loaded[name] = await verbs[name]()
  return loaded
}

function application(routes: Readonly<Record<string, Verb>>, version: string, failed: (error: unknown) => void): Application<CliContext> {
  const root = buildRouteMap({
    docs: {
      brief: "An end-to-end encrypted messenger. The server can't read your messages.",
      fullDescription:
        "A profile is a folder with this device's keys and its encrypted messages. Choose one with --profile DIR or NODOOR_PROFILE. " +
        "With --proxy socks5h://HOST:PORT or NODOOR_PROXY, everything goes through that proxy, such as Tor's at 127.0.0.1:9050. " +
        "Results go to standard output, status messages to standard error. Exit codes: 0 done, 1 something on this machine failed, 2 wrong usage, 3 not found, 4 refused by the chat's rules or a trust check, 5 network, 6 refused by the server.",
    },
    routes,
  })
  const explained = (error: unknown): string => {
    failed(error)
    return explain(error)
  }
  return buildApplication(root, {
    name: "nodoor",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: explained,
        exceptionWhileParsingArguments: (error) => {
          const message = error instanceof Error ? error.message : String(error)
          return explained(
            new CliError("usage", message.replace(/^Failed to parse.*?: /, ""), {
              next: "nodoor --help, or --help after the command",
              cause: error,
            }),
          )
        },
        noCommandRegisteredForInput: ({ input, corrections }) => {
          const next = corrections.length === 0 ? "nodoor --help" : `nodoor ${(corrections[0] ?? "").replaceAll("`", "")}`
          return explained(new CliError("usage", `There is no command ${JSON.stringify(input)}.`, { next }))
        },
      },
    },
  })
}

interface Options {
  readonly profile: string | undefined
  readonly proxy: string | undefined
}

/** Takes `--profile DIR`, `--profile=DIR` and the same of `--proxy` out of the line, wherever they stand before `--`. */
function takeOptions(words: readonly string[]): Options & { readonly rest: readonly string[] } {
  const rest: string[] = []
  const taken: { profile: string | undefined; proxy: string | undefined } = { profile: undefined, proxy: undefined }
  const end = words.includes("--") ? words.indexOf("--") : words.length
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ""
    const name = (["profile", "proxy"] as const).find((each) => word === `--${each}` || word.startsWith(`--${each}=`))
    if (i >= end || name === undefined) rest.push(word)
    else if (word.includes("=")) taken[name] = word.slice(word.indexOf("=") + 1)
    else taken[name] = i + 1 < end ? words[++i] : ""
  }
  if (taken.profile === "") throw new CliError("usage", "--profile needs the path of a folder.", { next: "nodoor --profile DIR …" })
  if (taken.proxy === "") throw noProxy()
  return { ...taken, rest }
}

/** Everything a command does on the network goes through the proxy, or does not go out. @throws CliError `usage` */
async function networkThrough(address: string | undefined): Promise<OpenNetwork> {
  const load = async () => await import("@nodoor/client/node-network")
  const proxy = address ? (await load()).parseProxy(address) : undefined
  if (address && !proxy) throw noProxy()
  let network: ReturnType<OpenNetwork> | undefined
  return () => (network ??= load().then(({ nodeNetwork }) => nodeNetwork({ proxy })))
}

function noProxy(): CliError {
  return new CliError(
    "usage",
    "A proxy is given as socks5h://HOST:PORT. The h says that the proxy looks names up. A user name cannot be given: nodoor uses its own to keep connections apart.",
    { next: "nodoor --proxy socks5h://127.0.0.1:9050 …" },
  )
}

function defaultProfile(env: World["env"]): string {
  const data = env["XDG_DATA_HOME"]
  return join(data === undefined || data === "" ? join(homedir(), ".local", "share") : data, "nodoor", "default")
}
