// The operator console's routes, `/v1/operator/…`: CBOR like the rest, for people with a passkey. Name, e-mail and IP addresses of an
// account stand in none of these answers: they leave the server in an archive of the desk, after two people approved the case.

export { type ConfirmedAct, type OperatorRole, confirmedActs, operatorLimits, operatorRoles } from "./message.ts"
export * from "./sign-in.ts"
export * from "./overview.ts"
export * from "./accounts.ts"
export * from "./desk.ts"
export * from "./people.ts"
export * from "./request.ts"
