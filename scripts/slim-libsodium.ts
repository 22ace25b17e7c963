// `node scripts/slim-libsodium.ts`: makes packages/mls/src/provider/libsodium.wasm of the libsodium package's own WebAssembly. Functions
// that nothing we call can reach become traps, and exports get their C names; every function that stays, stays byte for byte. The package
// carries its WebAssembly as text inside a script twice the size; a test checks that the file is what this makes of the pinned package.

import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { functionIndexOf, readFunctions, reachable, withExportsAndTraps } from "./wasm.ts"

/** All that packages/mls/src/provider/sodium.ts calls. */
const used = [
  "sodium_init",
  "malloc",
  "free",
  "crypto_sign_seed_keypair",
  "crypto_sign_detached",
  "crypto_sign_verify_detached",
  "crypto_scalarmult_base",
  "crypto_scalarmult",
  "crypto_aead_chacha20poly1305_ietf_encrypt",
  "crypto_aead_chacha20poly1305_ietf_decrypt",
  "crypto_kdf_hkdf_sha256_extract",
  "crypto_hash_sha3256",
  "crypto_xof_shake256",
  "crypto_kem_mlkem768_seed_keypair",
  "crypto_kem_mlkem768_enc_deterministic",
  "crypto_kem_mlkem768_dec",
]

export const slimPath: string = fileURLToPath(new URL("../packages/mls/src/provider/libsodium.wasm", import.meta.url))

export function slimLibsodium(): Uint8Array {
  const script = readFileSync(fileURLToPath(import.meta.resolve("libsodium")), "utf8")
  const [, text] = /"(AGFzbQ[A-Za-z0-9+/=]+)"/.exec(script) ?? []
  const [, memory] = /\w=\w\.(\w+),\w\.__indirect_function_table/.exec(script) ?? []
  if (text === undefined || memory === undefined) throw new Error("the libsodium package is not built as expected")
  const whole = Buffer.from(text, "base64")
  const short = new Map([...script.matchAll(/\._([a-z0-9_]+)=\w\.([\w$]+)/g)].map(([, name, exported]) => [name, exported]))
  const kept = used.map((name) => ({ name, index: functionIndexOf(whole, short.get(name) ?? "") }))
  const functions = readFunctions(whole)
  const live = reachable(functions, [...kept.map(({ index }) => index), ...functions.inTables])
  return withExportsAndTraps(whole, { functions: kept, memory: { name: "memory", exported: memory } }, live)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const slim = slimLibsodium()
  writeFileSync(slimPath, slim)
  process.stdout.write(`${slim.length} bytes\n`)
}
