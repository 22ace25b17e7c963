// What a tab or another process may hand to a method of the device.

import type { Mutation } from "./mutation.ts"

const file = "packages/client/src/api/arguments.ts"

function call(name: string, without: string, text: string, replacement = ""): Mutation {
  return { name, without, edits: [{ file, text, replacement }], tests: ["packages/client/src/api/methods.test.ts"] }
}

export const deviceCallsMutations: readonly Mutation[] = [
  call("call-id-length", "an id has a greatest length", "value.length > maxCharacters || "),
  call("call-id-digits", "an id is lower-case hexadecimal", " || !/^[0-9a-f]*$/.test(value)"),
  call("call-id-even", "an id has whole bytes", "value.length % 2 !== 0 || "),
  call("call-text-type", "a text is a text", 'typeof value !== "string" || value.length > textMax', "(value as string).length > textMax"),
  call("call-text-length", "a text has a greatest length", " || value.length > textMax"),
  call(
    "call-flag",
    "a flag is true or false",
    'if (typeof value !== "boolean") throw invalid("true or false")\n  return value',
    "return value as boolean",
  ),
  call("call-number-finite", "a number is finite", "!Number.isFinite(value) || "),
  call("call-number-sign", "a number is not negative", " || value < 0"),
  call(
    "call-word",
    "a word is one of those that there are",
    "if (word === undefined) throw",
    "if (word === undefined && value === undefined) throw",
  ),
  call("call-list-length", "a list has a greatest length", " || value.length > listMax"),
  call(
    "call-field-names",
    "an object has no other fields",
    "if (!Object.hasOwn(checks, name)) throw",
    'if (!Object.hasOwn(checks, name) && name === "") throw',
  ),
]
