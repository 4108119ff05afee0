// Every page works without this. With it, totals are live and a tick shows its list at once.

const cents = (text) => {
  const match = /^\s*\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text);
  return match ? Number(match[1].replaceAll(",", "")) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : 0;
};
const plain = (value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`;
const dollars = (value) => (value / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });

const tickOf = (amount) => amount.closest("tr").querySelector("input[name=pay]");

const isAmount = (input) => input.name.startsWith("amount_");

/** Each payable invoice of a form: its tick, its amount, and what is owed (the amount that it came with, or as said). */
const rowsOf = (form) =>
  [...form.elements].filter(isAmount).map((amount) => ({
    amount,
    tick: tickOf(amount),
    owed: Number(amount.dataset.cents ?? cents(amount.defaultValue)),
  }));

/** The one total that was typed, or what the ticked amounts come to. */
const totalOf = (form) =>
  cents(form.elements.total?.value ?? "") ||
  rowsOf(form)
    .filter(({ tick }) => tick.checked)
    .reduce((sum, { amount }) => sum + cents(amount.value), 0);

/** The total, everywhere that the person and the server see it. */
function showTotal(form) {
  const total = totalOf(form);
  form.elements.shown_total.value = plain(total);
  for (const words of form.querySelectorAll("[data-sum]")) {
    words.textContent = total > 0 ? words.dataset.sum.replace("{}", dollars(total)) : words.dataset.none;
  }
}

/** One total fills the oldest invoices first, as the server would. What is more than all of these the server must judge. */
function fill(form, total) {
  const rows = rowsOf(form);
  const beyond = total > rows.reduce((sum, { owed }) => sum + owed, 0);
  let rest = beyond ? 0 : total;
  for (const { amount, tick, owed } of rows) {
    const part = Math.min(rest, owed);
    tick.checked = part > 0;
    amount.value = plain(part || owed);
    rest -= part;
  }
}

const payForm = () => document.querySelector("form#pay.checkout");

document.addEventListener("input", ({ target }) => {
  const form = payForm();
  if (!form?.contains(target)) return;
  const { total } = form.elements;
  if (target === total) {
    fill(form, cents(total.value));
  } else if (isAmount(target) || target.name === "pay") {
    if (isAmount(target)) tickOf(target).checked = cents(target.value) > 0;
    // Amounts of one's own and one total for all exclude each other.
    if (total) total.value = "";
  }
  showTotal(form);
});

document.addEventListener("change", ({ target }) => {
  if (target.hasAttribute("data-submits")) target.form.requestSubmit();
});

// A page kept in memory would show what was due before one paid.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

// No answer came. The form keeps its payment id, so that sending it again cannot pay twice.
document.addEventListener("htmx:error", () => {
  const form = payForm();
  if (!form) return;
  const words = document.createElement("p");
  words.className = "notice problem";
  words.setAttribute("role", "alert");
  words.textContent = form.dataset.offline;
  form.querySelector(".total").after(words);
});
document.addEventListener("htmx:before:request", () => payForm()?.querySelector(".total + .problem")?.remove());

/** A form that has just come, from the portal or out of the browser's memory, with ticks and amounts of last time. */
const greet = () => payForm() && showTotal(payForm());
document.addEventListener("htmx:after:swap", greet);
greet();

document.documentElement.classList.add("script");
