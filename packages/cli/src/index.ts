// A device in a terminal. `runCommandLine` is all of it; the rest is for those who bring their own terminal or profiles.

export { type World, runCommandLine } from "./application.ts"
export { CliError, type CliErrorCode, cliErrorCodes } from "./cli-error.ts"
export type { OpenProfile, Profiles, CliRegistration } from "./context.ts"
export { exitCodes } from "./exit-code.ts"
export { type CosignerKey, cosignerKey } from "./kt/cosigner-key.ts"
export { folderProfiles, readProfileKey } from "./profile.ts"
export type { Terminal } from "./terminal.ts"
