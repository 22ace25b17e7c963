// The operator's notice about a request, in plain words. The operator's own texts reach the page as parts and never inside the grammar of
// our sentences, so that they can be set apart from ours.

import type { OperatorNoticeView } from "@nodoor/client"
import { t } from "./catalogue.ts"

export type NoticeClass = OperatorNoticeView["sought"][number]

export interface NoticeWords {
  readonly by: string
  readonly soughtFor: string
  readonly handedOver: string
  /** Asked for, and refused because nobody can hand it over. */
  readonly impossible: string | undefined
  /** Asked for and not handed over, though it exists. */
  readonly kept: string | undefined
  readonly outcome: string
  readonly country: string
}

const countries = new Intl.DisplayNames(t.part.language, { type: "region", fallback: "code" })

export function noticeWords({ instrument, sought, disclosed, impossible, outcome, country }: OperatorNoticeView): NoticeWords {
  const answered: readonly NoticeClass[] = [...disclosed, ...impossible]
  const kept = sought.filter((name) => !answered.includes(name))
  return {
    by: t.server.notices.instruments[instrument],
    soughtFor: listed(sought),
    handedOver: listed(disclosed),
    impossible: impossible.length === 0 ? undefined : listed(impossible),
    kept: kept.length === 0 ? undefined : listed(kept),
    outcome: t.server.notices.outcomes[outcome],
    country: countries.of(country) ?? country,
  }
}

function listed(names: readonly NoticeClass[]): string {
  return names.length === 0 ? t.server.notices.nothing : t.server.notices.listed(names.map((name) => t.server.notices.classes[name]))
}
