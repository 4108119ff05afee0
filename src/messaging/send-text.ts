import { payLinkAddress } from "../billing/pay-links.ts";
import type { Deps } from "../dealer.ts";
import type { Verdict } from "../jobs.ts";
import { claim, finish, type Message, putOff, takeBack } from "./outbox.ts";
import { isQuietHour } from "./promise-text.ts";
import type { TextFacts, TextRow } from "./text-facts.ts";
import { QUIET_HOURS, UNCLEAR } from "./text-failures.ts";

/**
 * Sends one promised text, at most once: the carrier keeps no idempotency keys, so where nobody can know whether it went,
 * a person is told and it is never repeated. One that would come at night is not sent at all: it was asked for by day.
 */
export async function sendText(
  deps: Deps,
  message: Message,
  about: TextRow | undefined,
  compose: (facts: TextFacts) => string,
): Promise<Verdict> {
  // Whoever had it in hand died over it, and may have sent it.
  if (message.state === "sending") return finish(deps, message, "unclear", { failure: UNCLEAR });
  if (!about?.works) return takeBack(deps, message);
  if (isQuietHour(deps.now, deps.dealer.timeZone)) return finish(deps, message, "failed", { failure: QUIET_HOURS });
  if (!(await claim(deps, message))) return "done";
  const sent = await deps.ports.sms.send({
    id: message.id,
    to: message.address,
    text: compose({ ...about, address: payLinkAddress(deps, about.linkId) }),
    statusTo: null,
  });
  if (sent.result === "sent") return finish(deps, message, "sent", { vendorId: sent.vendorId });
  if (sent.result === "retry") return putOff(deps, message, sent);
  return finish(deps, message, sent.reason === UNCLEAR ? "unclear" : "failed", { failure: sent.reason });
}
