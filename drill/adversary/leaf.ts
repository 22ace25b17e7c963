// What the leaves of the product's groups are made of.

import { predecessorType, seatType, readmissionsType, seatsType } from "./seats.ts"

export const suite = 0x004f
export const policyExtensionType = 0xf0d0
/** What leaves say that they understand. */
export const understood: { readonly extensionTypes: readonly number[]; readonly proposalTypes: readonly number[] } = {
  extensionTypes: [policyExtensionType, seatType, predecessorType],
  proposalTypes: [seatsType, readmissionsType],
}
