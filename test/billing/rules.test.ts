import { describe, expect, test } from "vitest";
import {
  balance,
  invoiceStatus,
  type OpenInvoice,
  type PaymentForm,
  type PaymentRules,
  payableNow,
  paymentNumber,
  paymentStatus,
  planPayment,
  refusalOf,
  reversals,
  spread,
} from "../../src/billing/rules.ts";
import { type LocalDate, plusDays } from "../../src/calendar.ts";
import { cents, plainAmount, sum } from "../../src/money.ts";

const TODAY = "2026-12-01" as LocalDate;

const invoice = (number: string, totalCents: number, allocatedCents = 0, heldCents = 0): OpenInvoice => ({
  id: `inv_${number}`,
  number,
  dueOn: `2026-11-0${number}`,
  totalCents,
  allocatedCents,
  heldCents,
});

/** 10.00, then 12.00 of which 2.00 are paid and 3.00 held, then 5.00 that a payment under way holds whole. */
const OPEN = [invoice("1", 1000), invoice("2", 1200, 200, 300), invoice("3", 500, 0, 500)];

const RULES: PaymentRules = {
  partialPayments: true,
  minimumPaymentCents: 100,
  overpayment: false,
  mostExtraCents: 1000,
};

/** The form as a page with these invoices sends it: every row's amount stands in it, ticked or not. */
function form(more: Partial<PaymentForm>, open: OpenInvoice[] = OPEN): PaymentForm {
  const amounts = Object.fromEntries(open.map((one) => [one.number, plainAmount(payableNow(one))]));
  return {
    ticked: [],
    total: "",
    everything: false,
    shownTotal: "0.00",
    ...more,
    amounts: { ...amounts, ...more.amounts },
  };
}

const plan = (more: Partial<PaymentForm>, rules: Partial<PaymentRules> = {}, open: OpenInvoice[] = OPEN) =>
  planPayment(form(more, open), open, { ...RULES, ...rules });

const linesOf = (planned: ReturnType<typeof plan>) =>
  planned.ok ? planned.plan.lines.map((line) => [line.number, line.amountCents]) : planned.problem;

describe("an invoice's word", () => {
  const due = (dueOn: LocalDate, allocatedCents = 0, heldCents = 0) => ({
    ...invoice("1", 1000, allocatedCents, heldCents),
    dueOn,
  });

  test("is open until the day after it is due, then past due", () => {
    expect(invoiceStatus(due(plusDays(TODAY, 1)), TODAY)).toBe("open");
    expect(invoiceStatus(due(TODAY), TODAY)).toBe("open");
    expect(invoiceStatus(due(plusDays(TODAY, -1)), TODAY)).toBe("past_due");
  });

  test("is partly paid while it is not due, never past due for that", () => {
    expect(invoiceStatus(due(TODAY, 1), TODAY)).toBe("partly_paid");
    expect(invoiceStatus(due(TODAY, 999), TODAY)).toBe("partly_paid");
    expect(invoiceStatus(due(plusDays(TODAY, -1), 999), TODAY)).toBe("past_due");
  });

  test("is processing only when payments under way cover all that is left", () => {
    expect(invoiceStatus(due(plusDays(TODAY, -9), 0, 999), TODAY)).toBe("past_due");
    expect(invoiceStatus(due(plusDays(TODAY, -9), 0, 1000), TODAY)).toBe("processing");
    expect(invoiceStatus(due(plusDays(TODAY, -9), 400, 600), TODAY)).toBe("processing");
    expect(invoiceStatus(due(TODAY, 0, 1), TODAY)).toBe("partly_paid");
  });

  test("is paid to the cent", () => {
    expect(invoiceStatus(due(plusDays(TODAY, -9), 1000), TODAY)).toBe("paid");
    expect(invoiceStatus({ ...due(TODAY), totalCents: 0 }, TODAY)).toBe("paid");
  });

  test("comes from a balance that money under way does not lower", () => {
    const held = invoice("1", 1000, 100, 300);
    expect([balance(held), payableNow(held)]).toEqual([900, 600]);
  });
});

describe("a payment's word", () => {
  const payment = {
    state: "settled",
    amountCents: 1000,
    refundedCents: 0,
    returnedCents: 0,
    stripeCheckoutId: null,
    checks: 0,
    reviewReason: null,
  } as const;

  test("names where its money is", () => {
    expect(paymentStatus(payment)).toBe("settled");
    expect(paymentStatus({ ...payment, refundedCents: 1 })).toBe("partly_refunded");
    expect(paymentStatus({ ...payment, refundedCents: 999 })).toBe("partly_refunded");
    expect(paymentStatus({ ...payment, refundedCents: 1000 })).toBe("refunded");
    expect(paymentStatus({ ...payment, returnedCents: 1 })).toBe("returned");
    expect(paymentStatus({ ...payment, refundedCents: 400, returnedCents: 600 })).toBe("returned");
  });

  test("is its own state while it is on its way, and once it has failed", () => {
    expect(paymentStatus({ ...payment, state: "processing" })).toBe("processing");
    expect(paymentStatus({ ...payment, state: "failed", stripeCheckoutId: "cs_1" })).toBe("failed");
  });

  test("says that a checkout waits for its customer, unless its outcome was asked for and not known", () => {
    expect(paymentStatus({ ...payment, state: "pending" })).toBe("checking");
    expect(paymentStatus({ ...payment, state: "pending", stripeCheckoutId: "cs_1" })).toBe("action");
    expect(paymentStatus({ ...payment, state: "pending", stripeCheckoutId: "cs_1", checks: 1 })).toBe("checking");
  });

  test("is that it is being checked while a person must look at it", () => {
    for (const state of ["pending", "processing", "failed"] as const) {
      expect(paymentStatus({ ...payment, state, stripeCheckoutId: "cs_1", reviewReason: "why" })).toBe("checking");
    }
    expect(paymentStatus({ ...payment, reviewReason: "why" })).toBe("settled");
  });
});

describe("spreading an amount over invoices", () => {
  test("fills them in their order, each to what is payable now, and leaves the rest over", () => {
    for (let amount = 0; amount <= 2500; amount++) {
      const { lines, extraCents, totalCents } = spread(cents(amount), OPEN);
      expect(totalCents).toBe(amount);
      expect(sum(lines.map((line) => line.amountCents)) + extraCents).toBe(amount);
      const first = Math.min(amount, 1000);
      const second = Math.min(amount - first, 700);
      const expected = [
        ["1", first],
        ["2", second],
      ].filter(([, covered]) => covered !== 0);
      expect(lines.map((line) => [line.number, line.amountCents])).toEqual(expected);
      expect(extraCents).toBe(amount - first - second);
    }
  });

  test("over nothing leaves all of it over", () => {
    expect(spread(cents(5), [])).toEqual({ lines: [], extraCents: 5, totalCents: 5 });
  });
});

describe("undoing allocations", () => {
  const covered = [
    { invoiceId: "new", amountCents: 300 },
    { invoiceId: "old", amountCents: 200 },
  ];

  test("takes from the first until enough is free, and never more than there is", () => {
    for (let needed = -2; needed <= 510; needed++) {
      const undone = reversals(covered, needed);
      expect(sum(undone.map((line) => line.amountCents))).toBe(Math.max(0, Math.min(needed, 500)));
      expect(undone.every((line) => line.amountCents > 0)).toBe(true);
    }
    expect(reversals(covered, 301)).toEqual([
      { invoiceId: "new", amountCents: 300 },
      { invoiceId: "old", amountCents: 1 },
    ]);
  });
});

describe("a plan from the form", () => {
  test("covers each ticked invoice with its own amount", () => {
    expect(linesOf(plan({ ticked: ["1", "2"], amounts: { "2": "6.99" } }))).toEqual([
      ["1", 1000],
      ["2", 699],
    ]);
  });

  test("takes what is payable now and not a cent more", () => {
    expect(linesOf(plan({ ticked: ["2"], amounts: { "2": "6.99" } }))).toEqual([["2", 699]]);
    expect(linesOf(plan({ ticked: ["2"], amounts: { "2": "7.00" } }))).toEqual([["2", 700]]);
    expect(linesOf(plan({ ticked: ["2"], amounts: { "2": "7.01" } }))).toEqual({
      code: "more_than_owed",
      number: "2",
      cents: 700,
    });
  });

  test.for(["abc", "1,0", "1.234", "-5.00", "(5.00)", "0", "0.00", "1e3", "５.00", "5 00", "1.2.3", "Infinity"])(
    "cannot be read from %s",
    (typed) => {
      expect(linesOf(plan({ ticked: ["1"], amounts: { "1": typed } }))).toEqual({
        code: "amount_unreadable",
        number: "1",
      });
      expect(linesOf(plan({ total: typed }))).toEqual({ code: "total_unreadable" });
    },
  );

  test.for([
    ["$4.50", 450],
    [" 4.5 ", 450],
    ["4", 400],
    ["10.00", 1000],
  ] as const)("reads %s as people write it", ([typed, amount]) => {
    expect(linesOf(plan({ ticked: ["1"], amounts: { "1": typed } }))).toEqual([["1", amount]]);
  });

  test("asks for the amount of a ticked invoice that has none", () => {
    expect(linesOf(plan({ ticked: ["1"], amounts: { "1": " " } }))).toEqual({
      code: "amount_missing",
      number: "1",
    });
  });

  test("needs something to pay", () => {
    expect(linesOf(plan({}))).toEqual({ code: "nothing_chosen" });
    expect(linesOf(plan({ ticked: ["3"] }))).toEqual({ code: "nothing_chosen" });
    expect(linesOf(plan({ everything: true }, {}, [OPEN[2]!]))).toEqual({ code: "nothing_chosen" });
  });

  test("ignores what is not on the account, and then nobody has agreed to what is left", () => {
    const planned = plan({ ticked: ["1", "99"], shownTotal: "10.00" });
    expect(linesOf(planned)).toEqual([["1", 1000]]);
    expect(planned).toMatchObject({ ok: true, agreed: false });
  });

  test("fills the oldest first from one total", () => {
    expect(linesOf(plan({ total: "9.99" }))).toEqual([["1", 999]]);
    expect(linesOf(plan({ total: "10.00" }))).toEqual([["1", 1000]]);
    expect(linesOf(plan({ total: "10.01" }))).toEqual([
      ["1", 1000],
      ["2", 1],
    ]);
    expect(linesOf(plan({ total: "17.00" }))).toEqual([
      ["1", 1000],
      ["2", 700],
    ]);
  });

  test("fills the ticked invoices first from one total, and then the oldest of the others", () => {
    expect(linesOf(plan({ total: "7.00", ticked: ["2"] }))).toEqual([["2", 700]]);
    expect(linesOf(plan({ total: "7.01", ticked: ["2"] }))).toEqual([
      ["2", 700],
      ["1", 1],
    ]);
  });

  test("of more than is owed stays credit where the dealer allows it, else names the most that can be paid", () => {
    expect(plan({ total: "17.01" })).toEqual({ ok: false, problem: { code: "more_than_all", cents: 1700 } });
    expect(plan({ total: "17.01", ticked: ["2"] })).toEqual({
      ok: false,
      problem: { code: "more_than_all", cents: 1700 },
    });
    expect(plan({ total: "17.01" }, { overpayment: true })).toMatchObject({
      ok: true,
      plan: { totalCents: 1701, extraCents: 1 },
    });
  });

  test("of whole invoices only, where the dealer takes no partial payments", () => {
    const whole = { partialPayments: false };
    expect(linesOf(plan({ ticked: ["1"] }, whole))).toEqual([["1", 1000]]);
    expect(linesOf(plan({ total: "10.00" }, whole))).toEqual([["1", 1000]]);
    expect(linesOf(plan({ ticked: ["1"], amounts: { "1": "9.99" } }, whole))).toEqual({
      code: "partial_not_allowed",
      number: "1",
      cents: 1000,
    });
    expect(linesOf(plan({ total: "16.99" }, whole))).toEqual({
      code: "partial_not_allowed",
      number: "2",
      cents: 700,
    });
  });

  test("is not below the dealer's minimum, unless it is everything", () => {
    expect(linesOf(plan({ total: "0.99" }))).toEqual({ code: "below_minimum", cents: 100 });
    expect(linesOf(plan({ total: "1.00" }))).toEqual([["1", 100]]);
    const small = [invoice("1", 60), invoice("2", 20)];
    expect(linesOf(plan({ total: "0.79" }, {}, small))).toEqual({ code: "below_minimum", cents: 80 });
    expect(linesOf(plan({ total: "0.80" }, {}, small))).toEqual([
      ["1", 60],
      ["2", 20],
    ]);
  });

  test("is never below what the card company takes at all", () => {
    const penny = [invoice("1", 49)];
    expect(linesOf(plan({ ticked: ["1"] }, {}, penny))).toEqual({ code: "below_minimum", cents: 50 });
    expect(linesOf(plan({ everything: true }, {}, penny))).toEqual({ code: "below_minimum", cents: 50 });
    expect(linesOf(plan({ total: "0.49" }, { overpayment: true }, []))).toEqual({ code: "below_minimum", cents: 50 });
    expect(linesOf(plan({ ticked: ["1"] }, {}, [invoice("1", 50)]))).toEqual([["1", 50]]);
  });

  test("of everything is all that is payable now, whatever else the form says", () => {
    expect(linesOf(plan({ everything: true, ticked: ["1"], total: "3.00" }))).toEqual([
      ["1", 1000],
      ["2", 700],
    ]);
  });
});

describe("a person has agreed", () => {
  const agreed = (more: Partial<PaymentForm>, rules: Partial<PaymentRules> = {}) => {
    const planned = plan(more, rules);
    return planned.ok && planned.agreed;
  };

  test("to exactly the ticks, amounts and total that were on the screen", () => {
    expect(agreed({ ticked: ["1"], shownTotal: "10.00" })).toBe(true);
    expect(agreed({ ticked: ["1"], amounts: { "1": "4.00" }, shownTotal: "4.00" })).toBe(true);
    expect(agreed({ ticked: ["1"], amounts: { "1": "$4" }, shownTotal: "4.00" })).toBe(true);
  });

  test("to nothing whose total was not on the screen", () => {
    for (const shownTotal of ["0.00", "", "9.99", "10.01", "$10.00", "10", "1000"]) {
      expect(agreed({ ticked: ["1"], shownTotal })).toBe(false);
    }
    expect(agreed({ ticked: ["1"], amounts: { "1": "4.00" }, shownTotal: "10.00" })).toBe(false);
  });

  test("to a total only once the amounts it makes are on the screen", () => {
    expect(agreed({ total: "10.00", shownTotal: "10.00" })).toBe(false);
    expect(agreed({ total: "10.00", ticked: ["1", "2"], shownTotal: "10.00" })).toBe(false);
    expect(agreed({ total: "10.00", ticked: ["1"], shownTotal: "10.00" })).toBe(true);
    expect(agreed({ total: "9.00", ticked: ["1"], shownTotal: "9.00" })).toBe(false);
    expect(agreed({ total: "9.00", ticked: ["1"], amounts: { "1": "9.00" }, shownTotal: "9.00" })).toBe(true);
  });

  test("to everything when the button named that amount", () => {
    expect(agreed({ everything: true, shownTotal: "17.00" })).toBe(true);
    expect(agreed({ everything: true, shownTotal: "16.99" })).toBe(false);
  });
});

test("every refusal of the database has its sentence, and a bug has none", () => {
  expect(["invoice_not_overpaid", "invoice_payable", "method_usable", "payment_open"].map(refusalOf)).toEqual([
    "invoice_changed",
    "invoice_changed",
    "method_gone",
    "payment_over",
  ]);
  expect(refusalOf("payment_positive")).toBeNull();
});

test("a payment is known by the dealer's number, or the end of our own", () => {
  expect(paymentNumber({ id: "pay_00000000abcdefghjkmn", number: "PM-7" })).toBe("PM-7");
  expect(paymentNumber({ id: "pay_000000000000defghjkm", number: null })).toBe("P-DEFGHJKM");
});
