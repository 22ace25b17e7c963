// The command line of `nodoor-server`: which commands there are, how errors are told, what the exit code is.

import {
  type Application,
  ArgumentScannerError,
  type CommandContext,
  ExitCode,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from "@stricli/core"
import { ServerError } from "../core/server-error.ts"
import { version } from "../core/version.ts"
import { canary } from "./canary-command.ts"
import { backup, config, doctor, migrate, restore } from "./care-commands.ts"
import type { Machine, ServerContext } from "./context.ts"
import { desk, exportCase } from "./desk-command.ts"
import { exitCodeOf, exitCodes, explain } from "./exit-code.ts"
import { invite } from "./invite-command.ts"
import { log } from "./log-command.ts"
import { start } from "./start-command.ts"
import { user } from "./user-command.ts"

/** Runs one command line, without the program's name. Never throws: `failure` is what the command threw, and has been told. */
export async function runServerCommand(
  words: readonly string[],
  machine: Machine,
): Promise<{ readonly exitCode: number; readonly failure: unknown }> {
  let failure: unknown
  let bad = false
  let ran = false
  const process: CommandContext["process"] & { env: Machine["env"]; exitCode?: number | string | null } = {
    // Help and version are results too.
    stdout: { write: (text) => machine.say(text.trimEnd()) },
    stderr: { write: (text) => machine.complain(text.trimEnd()) },
    env: machine.env,
  }
  const inputs = words.length === 0 ? ["start"] : words[0] === "help" ? [...words.slice(1), "--help"] : words
  const app = application((error) => (failure = error))
  const context: ServerContext = { ...machine, process, endBadly: () => (bad = true) }
  const forCommand = (): ServerContext => {
    ran = true
    return context
  }
  await run(app, inputs, { process, forCommand })
  // A group of commands without one of them has printed its help.
  if (!ran && failure === undefined && !inputs.some((word) => word.startsWith("-"))) {
    failure = new ServerError("usage", `${inputs.join(" ")} needs a subcommand. Choose one from the list above.`)
    machine.complain(explain(failure))
  }
  if (failure !== undefined) return { exitCode: exitCodeOf(failure), failure }
  const code = process.exitCode ?? ExitCode.Success
  if (code !== ExitCode.Success) return { exitCode: exitCodes.usage, failure: new ServerError("usage", "") }
  return { exitCode: bad ? exitCodes.failed : exitCodes.ok, failure }
}

const root = buildRouteMap({
  docs: {
    brief: "The Nodoor server. It can't read the messages it delivers.",
    fullDescription: [
      "Without a command, the server starts. Add --help after any command to see its flags.",
      "Settings come from nodoor.toml in the data directory, or from a variable for each: PORT, HOST, NODOOR_ORIGIN, NODOOR_SECTION_KEY for the others.",
      "NODOOR_DATA names the data directory (default ./.data), NODOOR_CONFIG another settings file. `config check` lists every setting, and docs/operating.md explains them.",
      "Exit codes: 0 done, 1 failed, 2 command line or configuration, 3 data directory or database, 4 port.",
    ].join("\n"),
  },
  routes: { start, doctor, config, migrate, backup, restore, log, invite, user, desk, export: exportCase, canary },
})

function application(failed: (error: unknown) => void): Application<ServerContext> {
  const told = (error: unknown): string => {
    failed(error)
    return explain(error)
  }
  return buildApplication(root, {
    name: "nodoor-server",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: told,
        exceptionWhileParsingArguments: (error) => told(new ServerError("usage", argumentMessage(error), { cause: error })),
        noCommandRegisteredForInput: ({ input, corrections }) => {
          const hint = corrections.length === 0 ? "" : ` Did you mean ${corrections.join(" or ")}?`
          return told(new ServerError("usage", `There is no command ${JSON.stringify(input)}.${hint}`))
        },
      },
    },
  })
}

function argumentMessage(error: unknown): string {
  if (!(error instanceof ArgumentScannerError)) return error instanceof Error ? error.message : String(error)
  return formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      `This command has no flag --${input}.${corrections.length === 0 ? "" : ` Did you mean ${corrections.map((flag) => `--${flag}`).join(" or ")}?`}`,
    AliasNotFoundError: ({ input }) => `This command has no flag -${input}.`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `Invalid value ${JSON.stringify(input)} for ${name}: ${exception instanceof Error ? exception.message : String(exception)}.`,
    EnumValidationError: ({ externalFlagName: flag, input, values }) =>
      `--${flag} must be ${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}, not ${JSON.stringify(input)}.`,
    UnsatisfiedFlagError: ({ externalFlagName: flag }) => `--${flag} and its value are missing.`,
    UnexpectedFlagError: ({ externalFlagName: flag }) => `--${flag} is given more than once.`,
    UnexpectedPositionalError: ({ input }) => `Unexpected argument ${JSON.stringify(input)}.`,
    UnsatisfiedPositionalError: ({ placeholder }) => `The argument <${placeholder}> is missing.`,
  })
}
