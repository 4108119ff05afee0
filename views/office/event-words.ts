import { dollars } from "../../src/money.ts";

/** What the audit trail's actions are called where people read them, by what they concern. */
export const ACTIONS = {
  payments: {
    "payment.started": "Payment started",
    "payment.not_started": "Payment not started",
    "payment.processing": "Bank payment on its way",
    "payment.closed": "Payment closed",
    "payment.checked": "Asked the card company about a payment",
    "payment.clear": "A payment's outcome is clear again",
    "payment.unclear": "A payment's outcome is not clear",
    "payment.unknown": "News of a payment that our books do not have",
    "payment.disagreed": "Card company and books disagree about a payment",
    "payment.recovered": "Payment recovered after the records were put back",
    "payment.revived": "The card company's word about a payment was taken",
    "payment.returned": "Payment taken back by the bank",
    "payment.return_won": "Dispute won: the payment is ours again",
    "payment.return_lost": "Dispute lost",
    "refund.started": "Refund started",
    "refund.accepted": "Refund on its way",
    "refund.settled": "Refund made",
    "refund.failed": "Refund failed",
    "refund.found": "Refund found that was made at the card company",
    "refund.checked": "Asked the card company about a refund",
    "refund.again": "Refund asked for again",
    "refund.differs": "Card company and books differ about a refund",
    "credit.given": "Credit given",
    "credit.applied": "Credit used for an invoice",
    "credit.taken_back": "Credit taken off an invoice",
    "scheduled.made": "Payment planned for a later day",
    "scheduled.canceled": "Planned payment canceled",
    "scheduled.failed": "Planned payment not made",
    "scheduled.started": "Planned payment started",
    "pay_link.made": "Pay link made",
    "pay_link.mailed": "Pay link mailed",
    "pay_link.texted": "Pay link texted",
    "pay_link.withdrawn": "Pay link withdrawn",
  },
  autopay: {
    "autopay.agreed": "Autopay agreed to",
    "autopay.day": "Draft day set",
    "autopay.stop_requested": "Wish to stop autopay",
    "autopay.stopped": "Autopay stopped",
    "autopay.kept": "Wish to stop declined",
    "autopay.ended": "Autopay ended by itself",
    "draft.announced": "Draft announced",
    "draft.agreed": "Customer said yes to a draft",
    "draft.called_off": "Draft called off",
    "draft.nobody_told": "Nobody can be told of a draft",
    "draft.empty": "Draft with nothing left to draw",
    "draft.not_made": "Draft not made",
    "drafts.weighed": "A day's drafts weighed",
    "drafts.halted": "A day's drafts held back",
    "drafts.let_go": "A day's drafts let go",
  },
  methods: {
    "setup.started": "Began to add a card or bank account",
    "setup.verifying": "Bank account waits for small deposits",
    "setup.checked": "Asked the card company about a new card or account",
    "setup.failed": "Card or bank account not added",
    "method.added": "Card or bank account added",
    "method.usual": "Usual card or bank account chosen",
    "method.refreshed": "Card renewed by its bank",
    "method.expiring": "Told that a card ends",
    "method.blocked": "Card or bank account cannot be charged any more",
    "method.removal_requested": "Wish to have a card or bank account removed",
    "method.removal_withdrawn": "That wish taken back",
    "method.removal_declined": "That wish declined",
    "method.removed": "Card or bank account removed",
    "method.detached": "Removed at the card company too",
    "cards.switched_on": "Cards switched on",
    "cards.switched_off": "Cards switched off",
    "customer.deleted": "Customer deleted at the card company",
  },
  people: {
    "session.started": "Signed in",
    "session.first_step": "Signed in as far as the second step",
    "session.ended": "Signed out",
    "sign-in.tried": "Tried to sign in",
    "second-step.tried": "Tried a second step",
    "password.asked.tried": "Asked for the password",
    "password.forgotten": "Password forgotten",
    "password.forgotten.tried": "Password forgotten",
    "password.set": "Password set",
    "password.changed": "Password changed",
    "email.asked": "New sign-in address asked for",
    "email.changed": "Sign-in address changed",
    "profile.changed": "Profile changed",
    "two_step.started": "Two-step sign-in begun",
    "two_step.on": "Two-step sign-in on",
    "two_step.off": "Two-step sign-in off",
    "two_step.new_codes": "New recovery codes",
    "two_step.lifted": "Two-step sign-in taken off by the office",
    "identity.linked": "Sign-in with another provider linked",
    "identity.unlinked": "Sign-in with another provider unlinked",
    "registration.tried": "Tried to register",
    "registration.asked": "Asked to register",
    "registration.approved": "Registration approved",
    "registration.refused": "Registration refused",
    "registration.accepted": "Registration completed",
    "temporary.accepted": "First sign-in with a temporary password",
    "invitation.accepted": "Invitation accepted",
    "user.invited": "User invited",
    "user.invited.tried": "Tried to invite a user",
    "user.removed": "User removed",
    "user.role_changed": "User's role changed",
    "everybody.invited": "Everybody invited",
    "registration_key.reissued": "New registration key",
    "account.viewed": "Looked at another account",
    "contact.changed": "Contact details changed",
    "master.set": "Master account set",
    "lockout.lifted": "Lockout lifted",
    "pay_link.tried": "Pay link opened",
  },
  office: {
    "money_settings.changed": "Money settings changed",
    "access_settings.changed": "Ways in changed",
    "webhook.set": "Webhook address set",
    "webhook.secret": "New webhook secret",
    "webhook.again": "Failed deliveries sent again",
    "work.closed": "Taken off the worklist",
    "ledger.fetched": "Export fetched",
    "import.started": "Import started",
    "import.applied": "Import: a file taken in",
    "import.finished": "Import finished",
  },
  machine: {
    "message.tried": "Message being sent",
    "message.sent": "Message sent",
    "message.failed": "Message could not be delivered",
    "messages.set_aside": "Messages set aside after the records were put back",
    "message.unclear": "Message may not have arrived",
    "message.waits": "Message waits for another try",
    "message.taken_back": "Message not needed any more",
    "invoices.announced": "New invoices mailed",
    "webhook.tried": "Line sent to the dealer's software",
    "api_key.used": "API key used",
    "stripe.event": "News from the card company",
    "stripe.applied": "News from the card company applied",
    "payments.reckoned": "Payments compared with the card company",
    "refunds.reckoned": "Refunds compared with the card company",
    "returns.reckoned": "Returns compared with the card company",
    "reckoning.differs": "Card company and books differ",
    "reckoning.settled": "That difference is settled",
    "books.wrong": "The books do not add up",
    "job.gave_up": "A background job gave up",
    "sessions.pruned": "Old sign-ins cleared",
  },
} as const satisfies Record<string, Record<string, string>>;

export type ActionGroup = keyof typeof ACTIONS;

export const GROUPS: Record<ActionGroup, string> = {
  payments: "Payments and credits",
  autopay: "Autopay",
  methods: "Cards, accounts",
  people: "People, sign-in",
  office: "Office, settings",
  machine: "Portal by itself",
};

const WORDS: Record<string, string> = Object.assign({}, ...Object.values(ACTIONS));

/** An action in words. One that nobody has put in words is at least readable. */
export const actionText = (action: string): string =>
  Object.hasOwn(WORDS, action) ? WORDS[action]! : action.replace(/[._-]/g, " ");

const MACHINES: Record<string, string> = {
  stripe: "The card company",
  nobody: "Not signed in",
  import: "An import",
  restore: "Putting the records back",
};

/** Who did it: somebody's name, or in words which machine. `by` is an id or a machine's name. */
export const whoText = (by: string, name: string | null): string =>
  name ?? (by.startsWith("key_") ? "The dealer's own software" : (MACHINES[by] ?? "The portal"));

export type Detail = Record<string, string | number | boolean | null>;

/** What an event says beside its action: the amount, the reason, and whatever else it keeps, in words. */
export function detailText(detail: Detail | null, aboutUser: string | null = null) {
  const { cents = null, reason = null, user = null, ...rest } = detail ?? {};
  const more = Object.entries(rest).map(([name, value]) => `${spaced(name)}: ${valueText(name, value)}`);
  return {
    cents: typeof cents === "number" ? cents : null,
    reason: typeof reason === "string" && reason !== "" ? reason.replaceAll("_", " ") : null,
    more: [...(user === null ? [] : [`about ${aboutUser ?? user}`]), ...more].join(", "),
  };
}

/** `othersUpToCents` as `others up to`. */
const spaced = (name: string): string =>
  name
    .replace(/(Cents|Id)$/, "")
    .replace(/([A-Z])/g, " $1")
    .replaceAll("_", " ")
    .toLowerCase()
    .trim();

function valueText(name: string, value: string | number | boolean | null): string {
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && name.endsWith("Cents")) return dollars(value);
  return String(value);
}
