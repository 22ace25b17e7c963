// What a caller may read of a state: members (RFC 9420 §7.2), extensions (§8.1), exported secrets (§8.5), epoch authenticator (§8.7).

import type { Engine, GroupState } from "../api/api.ts"
import { internal } from "./group-state.ts"
import { exporter } from "../secrets/key-schedule.ts"
import { check } from "../codec/mls-error.ts"
import { leavesOf, membersOf, rootHash } from "../tree/ratchet-tree.ts"
import { encodeRatchetTree } from "../tree/ratchet-tree-extension.ts"

export const members: Engine["members"] = (state) => membersOf(internal(state).tree)

export const leaves: Engine["leaves"] = (state) =>
  Array.from(leavesOf(internal(state).tree), ([leafIndex, leaf]) => ({ leafIndex, extensions: leaf.extensions }))

export const extensions: Engine["extensions"] = (state) => internal(state).context.extensions

/** @throws MlsError `group_inactive` after this member was removed */
export const exportSecret: Engine["exportSecret"] = (env, state, input) => {
  const group = internal(state)
  check(group.secrets.exporter.length > 0, "group_inactive", "this member has left the group")
  return exporter(env.crypto.suite(group.suite), group.secrets.exporter, input)
}

export const epochAuthenticator: Engine["epochAuthenticator"] = (state) => new Uint8Array(internal(state).secrets.authenticator)

export const treeHash: Engine["treeHash"] = (_env, state) => new Uint8Array(rootHash(internal(state).tree))

/** resumption_psk of the current epoch, RFC 9420 §8.6, to prove membership elsewhere. Secret. */
export function resumptionPsk(state: GroupState): Uint8Array {
  return new Uint8Array(internal(state).secrets.resumption)
}

/** The ratchet tree as it goes to newcomers that get it beside their Welcome, RFC 9420 §12.4.3.3. */
export function exportRatchetTree(state: GroupState): Uint8Array {
  return encodeRatchetTree(internal(state).tree)
}
