/** Autopay: the page, what is agreed to, and the letters about drafts. */
export const autopay = {
  title: "Autopay",
  on: "On",
  off: "Off",
  stopping: "You asked to stop",
  leadOff: "Let us draft what is due each month, on your day, from a card or bank account on file.",
  leadOn: (method: string, day: number) => `We draft ${method} on day ${day} of each month.`,
  covers: "What is drafted",
  coversMonitoring: "Monitoring charges",
  coversOthers: (amount: string) => `Other invoices of up to ${amount} each`,
  asks: "Asks you first",
  asksAbove: (amount: string) => `above ${amount}`,
  asksNever: "no",
  method: "From",
  day: "Draft day",
  dayOf: (day: number) => `Day ${day} of each month`,
  authorization: "What you agreed to",
  readAuthorization: "Read your authorization",
  change: "Change autopay",
  turnOn: "Set up autopay",
  turnOff: "Turn autopay off",
  askOff: "Ask to turn autopay off",
  askedOff: (date: string) =>
    `You asked to turn autopay off on ${date}. We will see to it and write to you. No draft that is 3 business days or more after that is made meanwhile.`,
  offNote: "Open invoices stay due. Your alarm service goes on as before.",
  sure: "Yes, turn autopay off",
  ended: (because: string) => `Autopay went off by itself. ${because} Turn it on again with another one.`,
  flagged: "The last draft did not go through. Look at it below, or choose another method.",
  readOnly: "Your sign-in can see autopay but not change it.",
  noMethod: "You need a card or bank account on file first.",
  addMethod: "Payment methods",
  payNow: "Pay the balance now",
  openNow: (amount: string) => `${amount} is open now.`,
  payNowNote: (amount: string) =>
    `Turning autopay on charges nothing today. ${amount} is open now. Pay it yourself, or leave it: what is then still open is in the first draft, also what is past due.`,
  nothingOpen: "Nothing is open now. Turning autopay on charges nothing today.",
  next: "Coming drafts",
  nextNote:
    "You get an e-mail at least 10 full days before each draft, with its date and the most it will be. In a month with nothing due, nothing is drafted.",
  draft: "Draft",
  amount: "Amount",
  announced: (amount: string) => `Announced: up to ${amount}`,
  asking: (amount: string) => `Waits for your yes: ${amount}`,
  charging: (amount: string) => `On its way: up to ${amount}`,
  failedTry: (amount: string, date: string) => `Not paid: up to ${amount}. We try again on ${date}`,
  failed: (amount: string) => `Not paid: up to ${amount}`,
  fromOpen: (amount: string) => `About ${amount}, from what is open now`,
  estimated: (amount: string) => `About ${amount} (estimate)`,
  nothing: "Nothing expected",
  tooNear: (date: string, day: string) =>
    `The draft of ${date} is too near to change: that was possible until ${day}. It still goes out as announced.`,
  changeUntil: (date: string, day: string) => `Changes until ${day} count for the draft of ${date}.`,
  yes: (amount: string) => `Yes, draft ${amount}`,
  askingNote: (amount: string, date: string, method: string, invoices: number) =>
    `You wanted to be asked first. On ${date} we would draft up to ${amount} from ${method}, for ${invoices === 1 ? "one open invoice" : `${invoices} open invoices`}. Please answer by then. Without your yes, nothing is drafted.`,
  tryNow: "Try this draft again now",
  confirmNow: "Confirm with your bank",
  failedNote: (date: string) => `The draft of ${date} did not go through.`,
  confirmNote: "Your bank wants to make sure it is you. Nothing is drafted until you have done that.",
  again: "Choose another method",
  said: {
    on: "Autopay is on. A copy of your authorization is on its way by e-mail.",
    changed: "Saved. A copy of your new authorization is on its way by e-mail.",
    off: "Autopay is off.",
    asked: "We have your request to turn autopay off.",
    yes: "Thank you. The draft goes out on its day.",
    late: "It is too late for that: the draft is made, or its day has passed.",
    passed: "That question is over, so there is nothing to say yes to any more. You can pay what is open now.",
    vendor_away: "We could not reach the card company. Nothing was charged. Try again in a few minutes.",
    method_gone: "That card or bank account can no longer be charged. Choose another, or pay the balance yourself.",
    nothing: "Nothing of that draft is open any more. Nothing was charged.",
  },
  form: {
    title: "Set up autopay",
    changeTitle: "Change autopay",
    lead: "Choose first. You see the exact words and the first date before anything is turned on.",
    method: "Draft from",
    day: "Draft day",
    dayFixed: (day: number) => `Drafts are made on day ${day} of each month.`,
    what: "What may be drafted",
    monitoring: "Monitoring charges",
    others: "Other invoices too, up to this much each",
    othersHint: "Service, equipment, fees. Leave it empty to pay those yourself.",
    ask: "Ask me first when a draft is above",
    askHint: "Leave it empty to never be asked.",
    go: "Look at it before you agree",
    problems: {
      method: "Choose the card or bank account to draft from.",
      day: "Choose a day from 1 to 28.",
      covers: "Choose what may be drafted: monitoring charges, other invoices, or both.",
      others: "The amount for other invoices is not one we can read. Write it like 100.00.",
      ask: "The amount to ask you above is not one we can read. Write it like 200.00.",
    },
  },
  review: {
    title: "Agree to autopay",
    first: (date: string) => `Your first draft: ${date}`,
    firstNote: "At the earliest: only if something is due then. We write to you at least 10 full days before.",
    nextDraft: (date: string) => `Your next draft with this: ${date}`,
    words: "The words you agree to",
    agree: "I agree to this authorization",
    name: "Type your full name",
    submit: "Turn autopay on",
    save: "Save the change",
    back: "Change something",
    problems: {
      agree: "Tick the box to say that you agree.",
      name: "Type your full name.",
      changed: "Something has changed meanwhile. Look at the words again, then agree.",
      method_gone: "That card or bank account can no longer be used. Choose another.",
    },
  },
  words: {
    lead: (dealer: string, method: string, day: number) =>
      `I authorize ${dealer} to charge my ${method} on day ${day} of each month for what is due on my account:`,
    monthly: (amount: string) => `recurring monitoring charges (now about ${amount} per month)`,
    every: (amount: string, months: number) =>
      `recurring monitoring charges (now about ${amount} every ${months} months)`,
    asInvoiced: "recurring monitoring charges, as they are invoiced",
    and: "and",
    others: (amount: string) => `service, equipment and other invoices of up to ${amount} each`,
    pastDue: "This includes such invoices that are past due.",
    notice: (dealer: string) =>
      `${dealer} will e-mail me the date and the most that will be charged at least 10 days before each charge.`,
    ask: (dealer: string, amount: string) => `${dealer} will ask me first before a charge of more than ${amount}.`,
    stop: (phone: string) =>
      `I can turn autopay off here or call ${phone}; changes made at least 3 business days before a charge apply to it.`,
    first: (date: string) => `The first charge under this authorization is on ${date} at the earliest.`,
    until: "This authorization stays in effect until I cancel it.",
    bank: (bank: string, lastFour: string) => `bank account ending ${lastFour} at ${bank}`,
  },
  copy: {
    title: "Your autopay authorization",
    agreedOn: "Agreed on",
    name: "Name typed",
    method: "Charged",
    none: "You have not agreed to autopay in the portal.",
    keep: "Print this page, or keep the e-mail we sent you.",
    earlier: "Earlier authorizations",
  },
  /** A draft that took less than its notice said. */
  less: {
    lead: (announced: string, drafted: string, because: string) =>
      `The notice said up to ${announced}. We drafted ${drafted}, because ${because}.`,
    paid: "the rest had been paid by then",
    credited: "your credit had covered the rest by then",
    both: "payments and credit had covered the rest by then",
    other: "something was paid, credited or changed by then, or waits for the next draft",
  },
  letters: {
    button: "See autopay",
    payButton: "Pay now",
    confirmButton: "Confirm with your bank",
    yesButton: "Answer",
    copyButton: "See your authorization",
    why: (dealer: string) => `You get this because you have autopay with ${dealer}.`,
    autopay_authorization: {
      subject: "Your autopay authorization",
      lead: (date: string, name: string) => `This is a copy of what you agreed to on ${date}, signed ${name}:`,
      note: "Keep it for your records.",
    },
    autopay_stopped: {
      subject: "Autopay is off",
      lead: (account: string) => `Autopay for ${account} is off.`,
      bank: (method: string) => `Your bank does not let us draft ${method} any more.`,
      cards_off: (method: string) => `It drew on ${method}, and this account no longer pays by card.`,
      gone: (method: string) => `It drew on ${method}, which can no longer be charged.`,
      near: "Only a draft that was less than 3 business days away still goes out.",
      note: "Open invoices stay due. Pay them online, or turn autopay on again with a card or bank account that works.",
      noteBank: "Open invoices stay due. Pay them online, or turn autopay on again with a bank account.",
    },
<<<<<<< Updated upstream
    autopay_day_changed: {
      subject: (day: number) => `Your autopay day is now day ${day} of the month`,
      lead: (account: string, day: number) =>
        `Our office has changed the autopay day of ${account}: from now on it is day ${day} of the month.`,
      from: (date: string) =>
        `The first draft on that day is ${date}, if something is due by then. We tell you 10 days before each draft. One that we have announced already keeps its day.`,
      note: (phone: string) => `If you do not want this, call us: ${phone}.`,
=======
    autopay_kept: {
      subject: "Autopay stays on for now",
      lead: (date: string, account: string) =>
        `You asked on ${date} to turn autopay off for ${account}. We have looked at it, and it stays on for now.`,
      because: (reason: string) => `This is why: ${reason}`,
      drafts: "Drafts go on, each announced to you before. One that waited for this is made now, as announced.",
      note: (phone: string) =>
        `If you do not agree, or still want autopay off, please call us: ${phone}. You can also pay what is open yourself, and it is not drafted.`,
>>>>>>> Stashed changes
    },
    draft_announced: {
      subject: (date: string, amount: string) => `Autopay on ${date}: up to ${amount}`,
      lead: (date: string, amount: string, method: string) =>
        `On ${date} we will draft up to ${amount} from ${method}, for the invoices below.`,
      note: "It is never more than this. What is paid or credited until then is taken off; invoices that come later wait for the next draft.",
      stop: (phone: string, day: string) =>
        `To change or stop autopay, use the button or call ${phone}. What you change until ${day} counts for this draft.`,
    },
    draft_asking: {
      subject: (amount: string, date: string) => `May we draft ${amount} on ${date}?`,
      lead: (date: string, amount: string, method: string) =>
        `You wanted to be asked first. On ${date} we would draft up to ${amount} from ${method}, for the invoices below.`,
      note: "Without your yes we draft nothing. Use the button to say yes, or pay another way.",
    },
    draft_failed: {
      subject: (amount: string) => `Autopay of ${amount} did not go through`,
      lead: (amount: string, method: string) => `We tried to draft ${amount} from ${method}. It did not go through.`,
      wait: (date: string) => `We will try again on ${date}. You can also pay now another way.`,
      method: "We will not try this one again. Please choose another card or bank account, or pay now.",
      confirm:
        "Your bank wants to make sure it is you. Use the button to confirm with your bank. We do not try again without you.",
      over: "We have tried as often as we may, and stop now. Please pay another way, or choose another card or bank account. Autopay stays on.",
      service: "Your alarm service goes on as before.",
    },
    draft_unpaid: {
      subject: (amount: string) => `Still to pay: ${amount}`,
      lead: (date: string, amount: string) =>
        `The autopay draft of ${date} did not go through, and ${amount} of it is still to pay.`,
      note: (phone: string) =>
        `Please pay it another way. If you cannot pay now, call us and we will find a way: ${phone}. What stays open goes into the next draft, of which we tell you first.`,
    },
    draft_not_made: {
      subject: (date: string) => `No autopay draft on ${date}`,
      lead: (date: string) => `We did not draft anything on ${date} and will not for the invoices below this month.`,
      no_notice: "Our announcement could not reach you 10 days before, and without that we draft nothing.",
      missed: "We could not make it on its day.",
      asked_to_stop:
        "You asked us to turn autopay off, and we have not decided yet, so we did not draft it. Its invoices are still open: please pay them another way.",
      unanswered: "You wanted to be asked first, and your yes did not come in time.",
      office: "Our office has called it off.",
      no_method: "The card or bank account can no longer be used.",
      bank_only:
        "They are paid from a bank account only now, and autopay draws on a card. Please pay them from a bank account, or let autopay draw on one.",
      note: "Please pay them another way. What stays open is in the next draft.",
    },
  },
  home: {
    setUp: "Set up autopay",
    see: "See autopay",
    askedOff: (date: string) => `You asked on ${date} to turn it off. Our office has not decided yet.`,
  },
};
