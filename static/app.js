// Every page works without this. With it, totals are live and a tick shows its list at once.

const cents = (text) => {
  const match = /^\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text);
  return match ? Number(match[1].replaceAll(",", "")) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : 0;
};
const plain = (value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`;
const dollars = (value) => (value / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });

const tickOf = (amount) => amount.closest("tr").querySelector("input[name=pay]");

/** Each payable invoice of a form: its tick, its amount, and what is owed. */
const rowsOf = (form) =>
  [...form.querySelectorAll("input[data-cents]")].map((amount) => ({
    amount,
    tick: tickOf(amount),
    owed: Number(amount.dataset.cents),
  }));

/** The total of what is ticked, where the person and the server see it. */
function showTotal(form) {
  const chosen = rowsOf(form).filter(({ tick }) => tick.checked);
  const total = chosen.reduce((sum, { amount }) => sum + cents(amount.value), 0);
  form.elements.shown_total.value = plain(total);
  form.querySelector("[data-total]").textContent = dollars(total);
  const button = form.querySelector("[data-pay]");
  button.dataset.idle ??= button.textContent;
  button.textContent = total > 0 ? button.dataset.pay.replace("{}", dollars(total)) : button.dataset.idle;
}

/** One total fills the oldest invoices first, as the server would. */
function fill(form, total) {
  const rows = rowsOf(form);
  let rest = total;
  for (const { amount, tick, owed } of rows) {
    const part = Math.min(rest, owed);
    tick.checked = part > 0;
    amount.value = plain(part > 0 ? part : owed);
    rest -= part;
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form#pay");
  if (!form?.querySelector("[data-total]")) return;
  if (target.name === "total") {
    if (target.value.trim() !== "") fill(form, cents(target.value));
  } else if (target.dataset.cents || target.name === "pay") {
    if (target.dataset.cents) tickOf(target).checked = cents(target.value) > 0;
    // Amounts of one's own and one total for all exclude each other.
    if (form.elements.total) form.elements.total.value = "";
  }
  showTotal(form);
});

document.addEventListener("change", ({ target }) => {
  if (target.hasAttribute("data-submits")) target.form.requestSubmit();
});

document.documentElement.classList.add("script");
