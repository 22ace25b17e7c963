// Finding somebody by their handle.

import { isHandle } from "@nodoor/keylog"
import { ClientError, asClientError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { lookupTexts } from "../texts/en.ts"
import type { Trust } from "../trust/trust.ts"
import type { ContactView } from "../view/contact-view.ts"
import type { Views } from "../view/views.ts"

/** Asks the key log, and believes nothing else. @throws ClientError `invalid_input`, `not_found`; as `Trust.refresh` */
export async function findContactByHandle(
  { own, trust, views }: { readonly own: Pick<OwnDevice, "handle">; readonly trust: Pick<Trust, "refresh">; readonly views: Views },
  text: string,
): Promise<ContactView> {
  const handle = text.trim().replace(/^@/, "").toLowerCase()
  if (!isHandle(handle)) throw new ClientError("invalid_input", lookupTexts.notAHandle)
  if (handle === own.handle) throw new ClientError("invalid_input", lookupTexts.ownHandle)
  let contact: ContactView
  try {
    contact = await views.contact(await trust.refresh({ handle }))
  } catch (error) {
    const failure = asClientError(error)
    if (failure instanceof ClientError && failure.code === "not_found")
      throw new ClientError("not_found", lookupTexts.noHandle(handle), { cause: error })
    throw failure
  }
  if (contact.ended) throw new ClientError("not_found", lookupTexts.handleDeleted(handle))
  return contact
}
