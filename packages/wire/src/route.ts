import type { Schema } from "./schema.ts"

/**
 * One route of the server: POST, CBOR in, CBOR out. `caller` says what the server learns of who is asking:
 * `nobody` (no account is named), `device` (a session of a device), `member` (a signature with the group's delivery key,
 * sent without any session, so that the server learns "a member", not which), `operator` (a person signed in to the console).
 */
export interface Route<Request, Answer> {
  readonly path: string
  readonly caller: "nobody" | "device" | "member" | "operator"
  readonly request: Schema<Request>
  readonly answer: Schema<Answer>
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
}
